/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/proof.ts - recounts a proof of the log: from the digest of one event up to the root of its
 * stream's tree, as docs/kept-format.md says (RFC 6962, SHA-256).
 *
 * Knows: leaves, nodes, the order of a path.
 * Does not know: signatures; who signed is checked by `zhiben verify`.
 */
export interface Proof {
  stream: number
  seq: number
  digest_name: string
  digest: string
  previous: string | null
  path: string[]
  head: { size: number; digest: string; root: string; at: number; signed_by: string; signature: string }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
}

async function hashed(prefix: number, ...parts: Uint8Array[]): Promise<Uint8Array> {
  const whole = new Uint8Array(1 + parts.reduce((n, p) => n + p.length, 0))
  whole[0] = prefix
  let at = 1
  for (const p of parts) {
    whole.set(p, at)
    at += p.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole))
}

/** Whether this window may hash at all: browsers allow it on HTTPS and on the machine itself. */
export function canRecount(): boolean {
  return typeof crypto !== 'undefined' && crypto.subtle !== undefined
}

/** The root that a proof's path leads to, or null where the path does not end at one. */
export async function rootOf(proof: Proof): Promise<string | null> {
  let index = proof.seq - 1
  let last = proof.head.size - 1
  let hash = await hashed(0, bytesOf(proof.digest))
  for (const step of proof.path) {
    const p = bytesOf(step)
    if (index % 2 === 1 || index === last) {
      hash = await hashed(1, p, hash)
      while (index % 2 === 0 && index !== 0) {
        index = Math.floor(index / 2)
        last = Math.floor(last / 2)
      }
    } else {
      hash = await hashed(1, hash, p)
    }
    index = Math.floor(index / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? hexOf(hash) : null
}

/** Whether a proof leads to the root that its head states. */
export async function holdsTrue(proof: Proof): Promise<boolean> {
  return (await rootOf(proof)) === proof.head.root
}

const NAME = /^[0-9A-HJKMNP-TV-Z]{16}$/

/**
 * The name of a record in what somebody typed or pasted: in fours, or at the end of an address, with
 * Crockford's letters read as they are meant. Empty where there is none.
 */
export function recordName(typed: string): string {
  const last = typed.trim().replace(/[?#].*$/, '').split('/').pop() ?? ''
  const plain = last.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  return NAME.test(plain) ? plain : ''
}
