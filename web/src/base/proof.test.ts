/* SPDX-License-Identifier: Apache-2.0 */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { holdsTrue, recordName, rootOf, type Proof } from './proof'

const sha = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const leaf = (digest: Buffer): Buffer => sha(Buffer.from([0]), digest)
const node = (left: Buffer, right: Buffer): Buffer => sha(Buffer.from([1]), left, right)

/* The definitions of RFC 6962, 2.1: written apart from what they test. */
function half(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
function tree(leaves: Buffer[]): Buffer {
  const k = half(leaves.length)
  return leaves.length === 1 ? leaves[0]! : node(tree(leaves.slice(0, k)), tree(leaves.slice(k)))
}
function path(m: number, leaves: Buffer[]): Buffer[] {
  if (leaves.length === 1) return []
  const k = half(leaves.length)
  return m < k
    ? [...path(m, leaves.slice(0, k)), tree(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), tree(leaves.slice(0, k))]
}

function proof(size: number, at: number): Proof {
  const digests = Array.from({ length: size }, (_, i) => sha(Buffer.from(`event ${i}`)))
  const leaves = digests.map(leaf)
  return {
    stream: 1,
    seq: at + 1,
    digest_name: 'sha256',
    digest: digests[at]!.toString('hex'),
    previous: null,
    path: path(at, leaves).map((p) => p.toString('hex')),
    head: { size, digest: '', root: tree(leaves).toString('hex'), at: 0, signed_by: '', signature: '' },
  }
}

test('every event of every small log leads to its root', async () => {
  for (let size = 1; size <= 20; size++) {
    for (let at = 0; at < size; at++) expect(await holdsTrue(proof(size, at)), `${at} of ${size}`).toBe(true)
  }
})

test('a changed digest, a changed step and a short path lead elsewhere', async () => {
  const good = proof(13, 6)
  expect(await holdsTrue({ ...good, digest: '00'.repeat(32) })).toBe(false)
  expect(await holdsTrue({ ...good, path: ['00'.repeat(32), ...good.path.slice(1)] })).toBe(false)
  expect(await holdsTrue({ ...good, seq: 8 })).toBe(false)
  expect(await rootOf({ ...good, path: good.path.slice(1) })).toBeNull()
})

test.each([
  ['0TW0 S87H H2HV DAR8'],
  [' 0tw0-s87h-h2hv-dar8 '],
  ['OTWO S87H H2HV DAR8'],
  ['https://a.example/record/0TW0S87HH2HVDAR8'],
])('%s names a record', (typed) => {
  expect(recordName(typed)).toBe('0TW0S87HH2HVDAR8')
})

test('what is no name names nothing', () => {
  expect(recordName('320205-YH-2026-000016')).toBe('')
  expect(recordName('')).toBe('')
})
