// SPDX-License-Identifier: Apache-2.0
// After days without a server three of them (one on a file) start at once and one dies while it fires: every rung
// that fell due fires once, in the order of the instants at which it was due.
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { folder, json, run, serve } from '../api/harness.mjs'
import { dropStore, newStore, POSTGRESQL, sql } from '../api/store.mjs'

const BODY = POSTGRESQL ? "convert_from(body, 'UTF8')" : 'CAST(body AS TEXT)'
const CLOCKS = `FROM chain_event WHERE name LIKE 'clock:%' AND pos > `
const DAY = 86_400_000
const zoned = (at) => `${new Date(at + 8 * 3600_000).toISOString().slice(0, 19)}+08:00`

test('what fell due in days of outage fires once and in order, though a server dies while it fires', async () => {
  const at = await folder()
  const db = await newStore(at)
  const servers = []
  try {
    const last = Date.now() - 8 * DAY
    const made = await run(['init', '--db', db, '--demo', 'wuxi', '--scale', 'small', '--seed', '5', '--password', 'outage-2026-pass',
      '--until', zoned(last).slice(0, 10), '--now', zoned(last)])
    assert.equal(made.code, 0, made.err)
    const [{ pos }] = await sql(db, 'SELECT max(pos) AS pos FROM chain_event')
    const fired = async () => Number((await sql(db, `SELECT count(*) AS n ${CLOCKS}${pos}`))[0].n)
    const due = async () => Number((await sql(db, `SELECT count(*) AS n FROM record_due WHERE due <= ${Date.now()}`))[0].n)
    const owed = await due()
    assert.ok(owed > 20, `${owed} rungs fell due`)

    servers.push(...await Promise.all(Array.from({ length: POSTGRESQL ? 3 : 1 }, () => serve(db))))
    while (!(await fired())) await new Promise((soon) => { setImmediate(soon) })
    await servers.pop().end('SIGKILL')
    servers.push(await serve(db))
    while (await due()) await new Promise((soon) => { setImmediate(soon) })
    for (const server of servers) assert.equal(await server.end(), 0)

    const rows = await sql(db, `SELECT stream, name, ${BODY} AS body ${CLOCKS}${pos} ORDER BY pos`)
    assert.ok(rows.length >= owed, `${rows.length} of ${owed} fired`)
    assert.equal(new Set(rows.map((row) => `${row.stream} ${row.name}`)).size, rows.length, 'nothing twice')
    const bodies = rows.map((row) => JSON.parse(row.body))
    for (const [n, body] of bodies.entries()) {
      assert.ok(body.due_at <= body.at, 'fired when it was due or later')
      if (n) assert.ok(bodies[n - 1].due_at <= body.due_at, `${rows[n].name} is due before what fired before it`)
    }
    assert.equal((await json(['tick', '--db', db])).fired, 0)
    assert.ok((await json(['verify', '--db', db, '--figures'])).events > 0)
    assert.equal((await json(['rebuild', '--db', db])).differs, null)
  } finally {
    for (const server of servers) await server.end('SIGKILL')
    await dropStore(db)
    await rm(at, { recursive: true, force: true })
  }
})
