// SPDX-License-Identifier: Apache-2.0
// Commands whose calls to the store fail: an import leaves whole groups alone, the clocks fire what they would
// have fired, once each; and making a store leaves a store or nothing.
import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { json, run, start } from '../api/harness.mjs'
import { copyStore, dropStore, newStore, POSTGRESQL, sql } from '../api/store.mjs'
import { build, EVER, WAYS } from '../fault/door.mjs'

const ROWS = 150
const GROUP = 64
const TRIES = 6
const BODY = POSTGRESQL ? "convert_from(body, 'UTF8')" : 'CAST(body AS TEXT)'
let z
let door
before(async () => {
  z = await start()
  assert.equal(await z.server.end(), 0)
  door = await build(z.at)
})
after(async () => {
  door.close()
  await z.stop()
})

/** Runs a command with each of `tries` calls failing, on a fresh `subject` each time. */
async function each(way, tries, subject, command, holds) {
  let calls
  for (let n = 0; n <= tries; n++) {
    const it = await subject(n)
    door.arm(way, n ? Math.max(1, Math.floor((calls * n) / tries)) : EVER)
    const done = await run(command(it), { env: door.env })
    calls ??= door.read().calls
    door.open()
    if (!n) assert.equal(done.code, 0, done.err)
    if (done.code) assert.equal(done.err.trim().split('\n').length, 1, done.err)
    await holds(it, done)
    await it.end()
  }
}

const subject = async (n) => {
  const db = await copyStore(z.db, z.at, `copy-${n}-${Math.random().toString(36).slice(2)}`)
  return { db, end: () => dropStore(db) }
}

async function proves(db) {
  assert.ok((await json(['verify', '--db', db, '--figures'])).events > 0)
  assert.equal((await json(['rebuild', '--db', db])).differs, null)
}

for (const way of WAYS) {
  test(`import, ${way.name}: whole groups are there and nothing else`, async () => {
    const file = join(z.at, 'rows.jsonl')
    const [firm] = await sql(z.db, `SELECT u.id, p.code FROM org_account a JOIN org_post o ON o.person = a.person
      JOIN org_unit u ON u.id = o.unit JOIN org_place p ON p.id = u.place WHERE a.account = 'firm'`)
    const row = (n) => JSON.stringify({ place: firm.code, fields: { enterprise: `u${firm.id}`, source: 'self', found_on: '2026-11-20',
      description: `成批登记的第 ${n} 件` } })
    await writeFile(file, Array.from({ length: ROWS }, (_, n) => row(n)).join('\n'))
    await each(way, TRIES, subject, (it) => ['import', 'hazard', file, '--db', it.db, '--as', 'firm'], async (it, done) => {
      const [{ n }] = await sql(it.db, `SELECT count(*) AS n FROM chain_event WHERE rev = 1 AND ${BODY} LIKE '%成批登记的第%'`)
      assert.ok(Number(n) === ROWS || Number(n) % GROUP === 0, `${n} rows are there`)
      if (!done.code) assert.equal(Number(n), ROWS)
      await proves(it.db)
    })
  })

  test(`the clocks, ${way.name}: what fails is fired by the next tick, once`, async () => {
    const now = new Date(Date.now() + 20 * 86400_000).toISOString().replace(/\.\d+Z$/, '+00:00')
    const fired = async (db) => (await sql(db, "SELECT stream, name FROM chain_event WHERE name LIKE 'clock:%' ORDER BY stream, name"))
    let want
    await each(way, TRIES, subject, (it) => ['tick', '--db', it.db, '--now', now], async (it, done) => {
      await json(['tick', '--db', it.db, '--now', now])
      const got = await fired(it.db)
      want ??= got
      assert.deepEqual(got, want)
      assert.deepEqual(await sql(it.db, 'SELECT name FROM desk_aside'), [], 'nothing is set aside for a disk that failed')
      await proves(it.db)
    })
  })

  test(`init, ${way.name}: a store or nothing`, async () => {
    const made = async (n) => {
      const name = `new-${way.what}-${n}-${Math.random().toString(36).slice(2)}`
      const db = await newStore(z.at, name)
      return { db, name, end: () => dropStore(db) }
    }
    await each(way, TRIES, made, (it) => ['init', '--db', it.db, '--places', '320205'], async (it, done) => {
      if (!done.code) return proves(it.db)
      const lost = POSTGRESQL ? await readdir(join(z.at, it.name))
        : (await readdir(z.at)).filter((file) => file.startsWith(`${it.name}.`))
      assert.deepEqual(lost, [], done.err)
      assert.equal((await run(['init', '--db', it.db, '--places', '320205'])).code, 0)
      return proves(it.db)
    })
  })
}
