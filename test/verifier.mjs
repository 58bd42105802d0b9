// SPDX-License-Identifier: Apache-2.0
// A second verifier, written from docs/kept-format.md alone: is the log of a store what was signed?
//
//   node test/verifier.mjs sqlite:FILE|postgresql://… PUBLIC-KEY-IN-HEX
//
// prints {"streams","events","wrong"}; `wrong` is null or the first event that does not hold.
import { execFileSync } from 'node:child_process'
import { createHash, createPublicKey, verify as signatureHolds } from 'node:crypto'
import { fileURLToPath } from 'node:url'

export const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
export const hex = (bytes) => Buffer.from(bytes).toString('hex')
export const leaf = (digest) => sha(Buffer.of(0), digest)
export const node = (left, right) => sha(Buffer.of(1), left, right)
const NONE = Buffer.alloc(32)
const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const unbase32 = (text) => [...text].reduce((value, digit) => value * 32n + BigInt(BASE32.indexOf(digit)), 0n)
export const keyOf = (trusted) => createPublicKey({ format: 'der', type: 'spki',
  key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(trusted, 'hex')]) })
const dayOf = (at) => Math.floor((at + 8 * 3600_000) / 86400_000)

/** Whether the signature of a head or a day holds; `words` is the statement's first line, `day` -1 of a head. */
export function signed(key, row, words, stream, day, seq) {
  const text = [words, stream, day, seq, hex(row.digest), hex(row.root), row.at].join('\n') + '\n'
  return signatureHolds(null, Buffer.from(text), key, row.signature)
}

/** Rows of a query over either engine; bytes as Buffers. The whole of it is read, so ask in pieces. */
export async function reader(address, env = process.env) {
  if (address.startsWith('sqlite:')) {
    const { DatabaseSync } = await import('node:sqlite')
    const db = new DatabaseSync(address.slice('sqlite:'.length), { readOnly: true })
    return { rows: (sql) => db.prepare(sql).all(), close: () => db.close() }
  }
  const [base, words = ''] = address.split('?')
  const kept = words.split('&').filter((word) => word && !word.startsWith('folder='))
  const url = base + (kept.length ? `?${kept.join('&')}` : '')
  const ask = (sql) => execFileSync('psql', [url, '-qAtX', '-v', 'ON_ERROR_STOP=1', '-c',
    `SET search_path = zhiben; SET bytea_output = hex; SELECT coalesce(json_agg(x), '[]') FROM (${sql}) x`],
  { maxBuffer: 1 << 28, env })
  const bytes = (_, v) => (typeof v === 'string' && v.startsWith('\\x') ? Buffer.from(v.slice(2), 'hex') : v)
  return { rows: (sql) => JSON.parse(ask(sql), bytes), close: () => {} }
}

/** The tree as it grows: the hash of each full subtree, the largest first, and what each was made of. */
class Tree {
  n = 0; peaks = []
  /** Adds a leaf; the full subtrees it ends, as [height, number, hash]. */
  add(digest) {
    const made = []
    let hash = leaf(digest)
    for (let n = this.n++, height = 1; n & 1; n >>= 1, height++) {
      hash = node(this.peaks.pop(), hash)
      made.push([height, n >> 1, hash])
    }
    this.peaks.push(hash)
    return made
  }
  root() { return this.peaks.reduceRight((right, left) => (right ? node(left, right) : left), null) ?? NONE }
}

/** One stream in order of `seq`. Throws {stream, seq, what} at the first thing that does not hold. */
class Walk {
  seq = 0; at = 0; previous = NONE; tree = new Tree()

  constructor(rows, key, stream, daysOf) {
    Object.assign(this, { rows, key, stream, daysOf, days: daysOf.get(stream) ?? new Map() })
    this.lastDay = Math.max(0, ...this.days.keys())
  }
  wrong(what, seq = this.seq, stream = this.stream) { throw { stream, seq, what } }
  signed(row, words, day, seq) {
    return hex(row.digest) === hex(this.previous) && hex(row.root) === hex(this.tree.root())
      && signed(this.key, row, words, this.stream, day, seq)
  }
  event(row, privates, nodes) {
    const next = this.seq + 1
    if (row.seq !== next) this.wrong('missing', next)
    const digest = sha(row.body)
    if (hex(digest) !== hex(row.digest)) this.wrong('its bytes were changed', next)
    const body = JSON.parse(Buffer.from(row.body).toString('utf8'))
    const o = body.outcome ?? {}
    const said = [body.v, body.stream, body.seq, body.at, body.previous, body.rev ?? 0, body.name ?? null, o.state_n ?? 0,
      o.level_n ?? 0, o.line ?? 0, o.place ?? 0, o.unit ?? 0, o.sealed ? 1 : 0, body.record ? body.record.length : 0]
    const stands = [1, this.stream, next, row.at, hex(this.previous), row.rev ?? 0, row.name, row.state ?? 0,
      row.level ?? 0, row.line ?? 0, row.place ?? 0, row.unit ?? 0, row.sealed, row.rid === null ? 0 : 16]
    if (said.some((value, n) => value !== stands[n]) || row.at < this.at) this.wrong('its link or its columns', next)
    const ids = body.record ? [unbase32(body.record.slice(0, 3)), unbase32(body.record.slice(3))] : []
    if (body.record && (Number(ids[0]) !== this.stream || ids[1] !== BigInt(row.rid))) this.wrong('given to another record', next)
    if (this.seq && this.lastDay > this.seq && !this.days.has(this.seq) && dayOf(row.at) > dayOf(this.at)) {
      this.wrong('the anchor of its day is missing')
    }
    Object.assign(this, { seq: next, at: row.at, previous: digest })
    for (const { field, salt, value } of privates) {
      if (body.private?.[field] !== hex(sha(salt, value))) this.wrong(`its private value ${field}`)
    }
    for (const head of body.kind === 'anchor' ? o.heads : []) {
      const kept = this.daysOf.get(head.stream)?.get(head.seq)
      if (kept?.day !== head.day || hex(kept.root) !== head.root) this.wrong('an anchor that the place above keeps', head.seq, head.stream)
    }
    for (const [height, n, hash] of this.tree.add(digest)) {
      const kept = nodes.get(`${height} ${n}`)
      if (!kept || hex(kept) !== hex(hash)) this.wrong('a node of the tree')
    }
    const day = this.days.get(next)
    if (day && !this.signed(day, 'zhiben day 1', day.day, next)) this.wrong('the anchor of its day')
  }
  run() {
    const { rows, stream } = this
    const nodes = new Map(rows(`SELECT height, n, hash FROM chain_node WHERE stream = ${stream}`)
      .map(({ height, n, hash }) => [`${height} ${n}`, hash]))
    for (let batch; !batch || batch.length === 1000;) {
      const range = `stream = ${stream} AND seq > ${this.seq}`
      batch = rows(`SELECT seq, CAST(rid AS TEXT) AS rid, rev, at, state, level, line, place, unit, sealed, name, body, digest
        FROM chain_event WHERE ${range} ORDER BY seq LIMIT 1000`)
      const privates = Map.groupBy(rows(`SELECT seq, field, salt, value FROM chain_private WHERE ${range}
        AND seq <= ${this.seq + 1000} ORDER BY seq, field`), (row) => row.seq)
      for (const row of batch) this.event(row, privates.get(row.seq) ?? [], nodes)
    }
    const [head] = rows(`SELECT seq, at, digest, root, signature FROM chain_head WHERE stream = ${stream}`)
    if (head?.seq > this.seq) this.wrong('the tail was cut', head.seq)
    if (!head || head.seq !== this.seq || (this.seq && !this.signed(head, 'zhiben head 1', -1, this.seq))) this.wrong('its head')
    if (this.lastDay > this.seq) this.wrong('the tail was cut', this.lastDay)
    return this.seq
  }
}

/** {streams, events, wrong}: what came out, `wrong` as {stream, seq, what} or null; `trusted` is a key in hex. */
export function verify(rows, trusted) {
  const key = keyOf(trusted)
  const daysOf = new Map()
  for (const row of rows('SELECT * FROM chain_day')) daysOf.set(row.stream, (daysOf.get(row.stream) ?? new Map()).set(row.seq, row))
  const streams = rows('SELECT stream FROM chain_head UNION SELECT stream FROM chain_event UNION SELECT stream FROM chain_day ORDER BY 1')
  let events = 0
  try {
    for (const { stream } of streams) events += new Walk(rows, key, stream, daysOf).run()
  } catch (wrong) {
    if (!wrong.what) throw wrong
    return { streams: streams.length, events, wrong }
  }
  return { streams: streams.length, events, wrong: null }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rows, close } = await reader(process.argv[2])
  const out = verify(rows, process.argv[3])
  close()
  console.log(JSON.stringify(out))
  process.exitCode = out.wrong ? 1 : 0
}
