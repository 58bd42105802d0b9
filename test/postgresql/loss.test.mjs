// SPDX-License-Identifier: Apache-2.0
// A connection that breaks: nothing acknowledged is lost, nothing is done twice, the server goes on.
import assert from 'node:assert/strict'
import { createServer, connect } from 'node:net'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { json, run, serve, start } from '../api/harness.mjs'
import { addressOf, newStore, POSTGRESQL, psql, sql } from '../api/store.mjs'
import { live } from '../api/stream.mjs'

assert.ok(POSTGRESQL, 'run by script/postgresql with ZHIBEN_STORE=postgresql')
const SOCKET = process.env.ZHIBEN_POSTGRESQL
let z
before(async () => { z = await start() })
after(async () => { await z.stop() })

const database = () => /\/([a-z0-9_]+)\?/.exec(z.db)[1]
const today = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
const body = (me, words) => ({ kind: 'hazard', place: me.place,
  fields: { enterprise: me.unit, source: 'self', found_on: today(), description: `断线时写下的 ${words}` } })

/** What the births of records whose description begins so say, one for each event. */
async function written(words) {
  const rows = await sql(z.db, `SELECT substring(convert_from(body, 'UTF8') from '断线时写下的 (${words}[-a-z0-9]*)') AS words
    FROM chain_event WHERE rev = 1 AND convert_from(body, 'UTF8') LIKE '%断线时写下的 ${words}%'`)
  return rows.map((row) => row.words)
}

/** Stands before the cluster; `armed` decides over the bytes of each COMMIT. */
async function middleman(at) {
  const folder = join(at, 'middle')
  await mkdir(folder)
  const door = { armed: null, dropped: 0 }
  const server = createServer((client) => {
    const backend = connect(join(SOCKET, '.s.PGSQL.5432'))
    let commit // the prepared statement's name on this connection
    const drop = () => { door.armed = null; door.dropped++; client.destroy(); backend.destroy() }
    for (const end of [client, backend]) end.on('error', () => {}).on('close', () => { client.destroy(); backend.destroy() })
    client.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      commit = /P[^]{4}(s\d+)\0COMMIT\0/.exec(text)?.[1] ?? commit
      if (door.armed === 'before' && commit && text.includes(`\0${commit}\0`)) drop()
      else backend.write(bytes)
    })
    backend.on('data', (bytes) => {
      if (door.armed === 'after' && bytes.includes('COMMIT\0')) drop()
      else client.write(bytes)
    })
  })
  await new Promise((ready) => { server.listen(join(folder, '.s.PGSQL.5432'), ready) })
  door.address = z.db.replace(encodeURIComponent(SOCKET), encodeURIComponent(folder))
  door.close = () => { server.close() }
  return door
}

test('the answer to a COMMIT is lost: what was done is found by its event and acknowledged once', async () => {
  const door = await middleman(z.at)
  try {
    await loseAnswers(door)
  } finally {
    await z.server.end()
    door.close()
    z.server = await serve(z.db)
    z.base = z.server.base
  }
})

async function loseAnswers(door) {
  assert.equal(await z.server.end(), 0)
  z.server = await serve(door.address)
  z.base = z.server.base
  const me = await z.self('firm')
  await z.make('firm', 'hazard', me.place, body(me, '热身').fields)
  for (const armed of ['after', 'before', 'after', 'before']) {
    const words = `${armed}-${door.dropped}`
    door.armed = armed
    const answer = await z.post('firm', '/api/v1/records', body(me, words), { 'Idempotency-Key': words })
    if (answer.status !== 201) assert.equal(answer.status, 503, answer.text)
    const again = await z.post('firm', '/api/v1/records', body(me, words), { 'Idempotency-Key': words })
    assert.equal(again.status, 201, again.text)
    if (answer.status === 201) assert.equal(again.value.id, answer.value.id)
    assert.equal((await written(words)).length, 1, `${words}: written once`)
  }
  assert.equal(door.dropped, 4)
}

test('connections ended under load: 201 is kept once, 503 leaves nothing or its key gives it, reads go on', async () => {
  const me = await z.self('firm')
  const kept = new Map()
  let going = true
  const reader = await live(z, 'firm')
  const writers = Array.from({ length: 12 }, async (_, w) => {
    for (let n = 0; going; n++) {
      const key = `cut-${w}-${n}`
      const answer = await z.post('firm', '/api/v1/records', body(me, key), { 'Idempotency-Key': key })
      assert.ok([201, 503].includes(answer.status), answer.text)
      if (answer.status === 201) kept.set(key, answer.value.id)
    }
  })
  for (let cut = 0; cut < 20; cut++) {
    const had = kept.size
    await psql('postgres', `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '${database()}'`)
    while (kept.size <= had) await new Promise((soon) => { setImmediate(soon) })
  }
  going = false
  await Promise.all(writers)
  for (const [key, id] of kept) {
    const again = await z.post('firm', '/api/v1/records', body(me, key), { 'Idempotency-Key': key })
    assert.equal(again.value.id, id, `${key}: ${again.text}`)
  }
  const words = await written('cut-')
  assert.ok(words.length >= kept.size)
  assert.equal(new Set(words).size, words.length, 'nothing twice')
  /* Whoever reads along has heard of each, and of none twice. */
  for (const id of kept.values()) await reader.until((e) => e.event === 'record' && e.id === id, 5000)
  const told = reader.events.map((e) => `${e.event} ${e.id} ${e.revision}`)
  assert.deepEqual(told.filter((one, n) => told.indexOf(one) !== n), [])
  reader.close()
})

function oneLine(done, code, words) {
  assert.equal(done.code, code, done.err || done.out)
  assert.equal(done.err.trim().split('\n').length, 1, done.err)
  assert.match(done.err, words)
}

test('what cannot be opened says why in one line, and never a password', async () => {
  const inside = join(z.at, 'other')
  await mkdir(inside)
  const to = (address) => run(['verify', '--db', address], { env: { PGPASSWORD: 'secret-never-shown' } })
  const said = []
  const refused = async (address, code, words) => {
    const done = await to(address)
    said.push(done.err)
    oneLine(done, code, words)
  }
  await refused(`postgresql://postgres@/x?host=${encodeURIComponent(inside)}&folder=${inside}`, 1, /cannot be reached/)
  await refused(addressOf('never_was', inside), 1, /never_was/)
  await refused(addressOf(database(), inside, 'locked'), 1, /password authentication failed/)
  await refused(`postgresql://locked:wrong-and-never-shown@/${database()}?host=${SOCKET}&folder=${inside}`, 1, /password/)
  oneLine(await run(['verify', '--db', addressOf(database(), inside, 'locked')], { env: { PGPASSWORD: '', PGPASSFILE: join(inside, 'none') } }), 1, /wants a password/)
  await refused(`postgresql://postgres@/${database()}?host=${SOCKET}`, 2, /folder=/)
  await refused(addressOf(database(), inside), 2, /signing key/)
  await refused(await newStore(z.at, 'empty'), 2, /no such store/)
  await psql('postgres', 'DROP DATABASE IF EXISTS in_ascii')
  await psql('postgres', 'CREATE DATABASE in_ascii TEMPLATE template0 ENCODING sql_ascii')
  await refused(addressOf('in_ascii', inside), 2, /UTF8/)
  assert.ok(!said.join('').includes('never-shown'))
})

test('the same seed and day give the same stream heads on both stores', async () => {
  const made = async (db) => {
    const done = await run(['init', '--db', db, '--demo', 'wuxi', '--scale', 'small', '--seed', '11', '--password', 'both-stores-2026',
      '--until', '2026-11-20', '--now', '2026-11-21T08:00:00+08:00'])
    assert.equal(done.code, 0, done.err)
    return db
  }
  const heads = 'SELECT stream, seq, digest, root FROM chain_head ORDER BY stream'
  const { DatabaseSync } = await import('node:sqlite')
  const path = join(z.at, 'file.db')
  await made(`sqlite:${path}`)
  const store = new DatabaseSync(path)
  const hex = (bytes) => `\\x${Buffer.from(bytes).toString('hex')}`
  const there = store.prepare(heads).all().map((row) => ({ ...row, digest: hex(row.digest), root: hex(row.root) }))
  store.close()
  const here = await made(await newStore(z.at, 'both'))
  assert.deepEqual(await sql(here, heads), there)
  assert.ok((await json(['verify', '--db', here, '--figures'])).events > 0)
})
