// SPDX-License-Identifier: Apache-2.0
// Processes die under load: servers, and the database's own. What was acknowledged is there, once; what was not is
// done by its key, once; nobody need be told.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { City, json, run, serve, start, ZHIBEN } from '../api/harness.mjs'
import { dropStore, filesOf, newStore, POSTGRESQL, psql, sql } from '../api/store.mjs'

assert.ok(POSTGRESQL, 'run by script/postgresql with ZHIBEN_STORE=postgresql')
const SOCKET = process.env.ZHIBEN_POSTGRESQL
const CLUSTER = join(SOCKET, 'cluster')
let z
before(async () => { z = await start() })
after(async () => { await z.stop() })

const today = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
const body = (me, key) => ({ kind: 'hazard', place: me.place,
  fields: { enterprise: me.unit, source: 'self', found_on: today(), description: `崩溃时写下的 ${key}。` } })
const soon = () => new Promise((go) => { setImmediate(go) })

/** Runs one of PostgreSQL's programs as whom the cluster belongs to. */
async function program(name, ...words) {
  const bin = (await promisify(execFile)('pg_config', ['--bindir'])).stdout.trim()
  const whole = [join(bin, name), ...words]
  const as = process.getuid() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--', ...whole] : whole
  return promisify(execFile)(as[0], as.slice(1), { cwd: '/' })
}

/** kill -9 of the postmaster, whose children go with it; then the cluster is started again. */
async function crash() {
  const pid = Number((await readFile(join(CLUSTER, 'postmaster.pid'), 'utf8')).split('\n')[0])
  const children = (await psql('postgres', 'SELECT pid FROM pg_stat_activity')).trim().split('\n').map(Number)
  process.kill(pid, 'SIGKILL')
  const alive = (one) => { try { process.kill(one, 0); return true } catch { return false } }
  while ([pid, ...children].some(alive)) await soon()
  await program('pg_ctl', '-D', CLUSTER, '-l', join(SOCKET, 'log'), '-w', 'start')
}

/** Writers that ask until `enough`, each key again until it is answered with 201: {kept, unanswered}. */
function load(cities, me, name, writers) {
  const kept = new Map()
  const open = new Map()
  let going = true
  const all = Promise.all(Array.from({ length: writers }, async (_, w) => {
    for (let n = 0; going; n++) {
      const key = `${name}-${w}-${n}`
      const city = cities[(w + n) % cities.length]
      let answer
      try {
        answer = await city.post('firm', '/api/v1/records', body(me, key), { 'Idempotency-Key': key })
      } catch {
        open.set(key, true) // its server died
        await soon()
        continue
      }
      assert.ok([201, 503].includes(answer.status), answer.text)
      if (answer.status === 201) kept.set(key, answer.value.id)
      else open.set(key, true)
    }
  }))
  return { kept, open, async stop() { going = false; await all } }
}

async function holds({ kept, open }, me, name) {
  for (const [key, id] of kept) {
    const again = await z.post('firm', '/api/v1/records', body(me, key), { 'Idempotency-Key': key })
    assert.equal(again.status, 201, again.text)
    assert.equal(again.value.id, id, `${key} is the same record`)
  }
  for (const key of open.keys()) {
    const again = await z.post('firm', '/api/v1/records', body(me, key), { 'Idempotency-Key': key })
    assert.equal(again.status, 201, again.text)
  }
  const rows = await sql(z.db, `SELECT substring(convert_from(body, 'UTF8') from '崩溃时写下的 (${name}[-a-z0-9]*)。') AS key
    FROM chain_event WHERE rev = 1 AND convert_from(body, 'UTF8') LIKE '%崩溃时写下的 ${name}-%'`)
  assert.equal(new Set(rows.map((row) => row.key)).size, rows.length, 'nothing twice')
  assert.equal(rows.length, kept.size + open.size, 'nothing lost')
}

test('kill -9 of PostgreSQL under load, twice: the same servers go on, nothing acknowledged is lost or doubled', async () => {
  const me = await z.self('firm')
  const other = new City(z.at, z.db, await serve(z.db))
  try {
    await other.self('firm')
    const work = load([z, other], me, 'pg', 12)
    for (let n = 0; n < 2; n++) {
      const had = work.kept.size
      while (work.kept.size < had + 60) await soon()
      await crash()
    }
    const had = work.kept.size
    while (work.kept.size < had + 60) await soon()
    await work.stop()
    await holds(work, me, 'pg')
  } finally {
    assert.equal(await other.server.end(), 0)
  }
})

test('kill -9 of one server of three under load: the others go on, a new one takes its place', async () => {
  const me = await z.self('firm')
  const cities = [z, new City(z.at, z.db, await serve(z.db)), new City(z.at, z.db, await serve(z.db))]
  try {
    for (const city of cities) await city.self('firm')
    const work = load(cities, me, 'server', 12)
    for (let n = 1; n < 3; n++) {
      const had = work.kept.size
      while (work.kept.size < had + 60) await soon()
      await cities[n].server.end('SIGKILL')
      cities[n].server = await serve(z.db)
      cities[n].base = cities[n].server.base
    }
    const had = work.kept.size
    while (work.kept.size < had + 60) await soon()
    await work.stop()
    await holds(work, me, 'server')
  } finally {
    for (const city of cities.slice(1)) assert.equal(await city.server.end(), 0)
  }
})

test('kill -9 while a store is made, between its tables and its first event: init makes it anew', async () => {
  const db = await newStore(z.at, 'half')
  const init = ['init', '--db', db, '--places', '320205']
  const child = spawn(ZHIBEN, init, { stdio: 'ignore' })
  const over = once(child, 'exit')
  while (!(await sql(db, "SELECT to_regclass('zhiben.store_meta') AS made"))[0].made) await soon()
  child.kill('SIGKILL')
  await over
  const [{ n }] = await sql(db, 'SELECT count(*) AS n FROM chain_event')
  const again = await run(init)
  assert.equal(again.code, n ? 1 : 0, again.err)
  if (!n) assert.ok((await json(['verify', '--db', db, '--figures'])).events > 0)
  await dropStore(db)
})

test('tables and a key without an event are a making that died there: init takes its place', async () => {
  const db = await newStore(z.at, 'died')
  const init = ['init', '--db', db, '--places', '320205']
  assert.equal((await run(init)).code, 0)
  // Just what a process leaves that dies before its first commit: the schema is committed, the key is on the disk.
  const tables = await sql(db, "SELECT string_agg('zhiben.' || relname, ', ') AS all FROM pg_class WHERE relnamespace = 'zhiben'::regnamespace AND relkind = 'r' AND relname <> 'store_meta'")
  await sql(db, `TRUNCATE ${tables[0].all}`)
  const [key] = filesOf(db)
  const before = await readFile(key)
  assert.equal((await run(init)).code, 0)
  assert.notDeepEqual(await readFile(key), before)
  assert.ok((await json(['verify', '--db', db, '--figures'])).events > 0)
  assert.equal((await run(init)).code, 1, 'one that has events is left alone')
  await dropStore(db)
})

test('a schema of the name is used where it is empty, and left alone where somebody has a table in it', async () => {
  const db = await newStore(z.at, 'named')
  await sql(db, 'CREATE SCHEMA zhiben; CREATE TABLE zhiben.of_others (a int)')
  const init = ['init', '--db', db, '--places', '320205']
  const refused = await run(init)
  assert.equal(refused.code, 2, refused.err)
  assert.match(refused.err, /exists already/)
  assert.deepEqual(await sql(db, 'SELECT a FROM zhiben.of_others'), [])
  await sql(db, 'DROP TABLE zhiben.of_others')
  assert.equal((await run(init)).code, 0)
  assert.equal((await run(init)).code, 1)
  await dropStore(db)
})
