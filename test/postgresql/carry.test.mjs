// SPDX-License-Identifier: Apache-2.0
// A store carried from a file into PostgreSQL and back: the same heads, and it goes on from there.
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { City, folder, json, PASSWORD, run, serve } from '../api/harness.mjs'
import { dropStore, newStore, sql } from '../api/store.mjs'

const HEADS = 'SELECT stream, seq, digest, root FROM chain_head ORDER BY stream'
let at
before(async () => { at = await folder() })
after(async () => { await rm(at, { recursive: true, force: true }) })

function fileHeads(path) {
  const store = new DatabaseSync(path)
  try {
    const hex = (bytes) => `\\x${Buffer.from(bytes).toString('hex')}`
    return store.prepare(HEADS).all().map((row) => ({ ...row, digest: hex(row.digest), root: hex(row.root) }))
  } finally {
    store.close()
  }
}

test('SQLite to PostgreSQL and back by backup and restore; work goes on in between', async () => {
  const first = join(at, 'first.db')
  const made = await run(['init', '--db', `sqlite:${first}`, '--demo', 'wuxi', '--scale', 'small', '--seed', '7', '--password', PASSWORD])
  assert.equal(made.code, 0, made.err)
  const there = join(at, 'there.backup')
  await json(['backup', '--db', `sqlite:${first}`, '--to', there])
  const db = await newStore(at)
  await json(['restore', '--db', db, '--from', there])
  assert.deepEqual(await sql(db, HEADS), fileHeads(first))

  const city = new City(at, db, await serve(db))
  try {
    const me = await city.self('firm')
    const kept = await city.make('firm', 'hazard', me.place, { enterprise: me.unit, source: 'self', found_on: '2026-11-20',
      description: '搬家以后登记的隐患', photos: [await city.photo('firm')] })
    assert.equal((await city.get('firm', `/api/v1/records/${kept.id}`)).id, kept.id)
  } finally {
    assert.equal(await city.server.end(), 0)
  }
  assert.equal((await json(['rebuild', '--db', db])).differs, null)

  const back = join(at, 'back.backup')
  await json(['backup', '--db', db, '--to', back])
  const last = join(at, 'last.db')
  await json(['restore', '--db', `sqlite:${last}`, '--from', back])
  assert.deepEqual(fileHeads(last), await sql(db, HEADS))
  assert.ok((await json(['verify', '--db', `sqlite:${last}`, '--figures'])).events > 0)
  await dropStore(db)
})
