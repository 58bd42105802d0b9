// SPDX-License-Identifier: Apache-2.0
// Figures under random events: made, moved, re-opened, entered late, handed over, their places merged.
// ZHIBEN_EVENTS says how many; with PostgreSQL three servers write them on one database.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { change, happen } from './chance.mjs'
import { City, serve, start } from './harness.mjs'
import { recount } from './recount.mjs'
import { POSTGRESQL, sql } from './store.mjs'

const EVENTS = Number(process.env.ZHIBEN_EVENTS ?? 300)
const SERVERS = POSTGRESQL ? 3 : 1

let z
let cities

before(async () => {
  z = await start()
  cities = [z]
  while (cities.length < SERVERS) cities.push(new City(z.at, z.db, await serve(z.db)))
})
after(async () => {
  for (const other of cities.slice(1)) assert.equal(await other.server.end(), 0)
  await z.stop()
})

const count = async (what = '') => Number((await sql(z.db, `SELECT count(*) AS n FROM chain_event ${what}`))[0].n)

/** A command beside the servers where the store allows it, else between two of them. */
async function beside(words) {
  if (!POSTGRESQL) assert.equal(await z.server.end(), 0)
  await change(z.db, words)
  if (POSTGRESQL) return
  z.server = await serve(z.db)
  z.base = z.server.base
}

test('every figure at every node, line and day equals a recount of the events', async (t) => {
  const began = Date.now()
  const first = await count()
  const share = async (part, seed) => happen(cities, { seed, writers: 6, until: async () => await count() - first >= EVENTS * part })
  const townships = (await z.get('office', `/api/v1/places?parent=${(await z.self('district')).place}`)).items.map((p) => p.code)
  const theirs = (await z.self('township')).place

  const done = [await share(0.4, 1)]
  await beside(['handover', '--from', 'firm', '--to', 'boss'])
  await beside(['place', 'merge', theirs, '--to', townships.find((code) => code !== theirs)])
  done.push(await share(0.75, 2))
  await beside(['place', 'merge', (await z.self('office2')).place, '--to', (await z.self('district')).place])
  done.push(await share(1, 3))

  const steps = {}
  for (const part of done) for (const [name, n] of Object.entries(part)) steps[name] = (steps[name] ?? 0) + n
  const kinds = Object.keys(steps).filter((name) => !name.includes(' '))
  assert.ok(kinds.length > 12, `steps of many kinds: ${JSON.stringify(steps)}`)
  assert.ok(await count(`WHERE ${POSTGRESQL ? "convert_from(body, 'UTF8')" : 'CAST(body AS TEXT)'} LIKE '%"step":"reopen"%'`) > 0,
    `something was opened again: ${JSON.stringify(steps)}`)
  assert.ok(await count() - first >= EVENTS)
  const tally = await recount(cities, 'office')
  assert.ok(tally.cells > 1000, JSON.stringify(tally))
  t.diagnostic(`${await count() - first} events of ${kinds.length} steps, ${SERVERS} server(s): ${JSON.stringify(tally)}, ${
    ((Date.now() - began) / 60_000).toFixed(1)} minutes`)
  t.diagnostic(JSON.stringify(steps))
})

test('a series from a file is set beside itself; what is not known stays unknown, what contradicts itself is refused', async () => {
  const { items } = await z.get('firm', '/api/v1/series')
  assert.deepEqual(items.map((s) => [s.series, s.to_check]), [['guangxi_accidents', true]])
  const carried = await z.get('firm', '/api/v1/series/guangxi_accidents')
  const values = carried.points.map((p) => p.values.accidents)
  assert.deepEqual(values.map((v) => [v.value, v.year, v.previous, v.point_before?.change ?? null, v.turn ?? null]),
    [['20349', null, null, null, null], ['19669', null, null, '-680', null], ['8155', null, null, '-11514', null]])
  assert.equal((await z.ask('firm', 'GET', '/api/v1/series/no_such')).status, 404)

  const file = join(z.at, 'years.json')
  const series = { series: 'years', title: '试验数列 | A series', source: '试验 | a test', confidence: 'high', period: 'year',
    lines: [{ line: 'n', title: '件数 | Count' }],
    points: [['2019', '8'], ['2020', '5'], ['2022', '6'], ['2023', '0'], ['2024', '3']].map(([period, n]) => ({ period, n })) }
  await writeFile(file, JSON.stringify(series))
  await beside(['adopt', file])
  const made = await z.get('firm', '/api/v1/series/years')
  assert.equal(made.to_check, false)
  const told = Object.fromEntries(made.points.map((p) => [p.period, p.values.n]))
  assert.deepEqual(told[2020].year, { value: '8', change: '-3', percent: '-37.5' })
  assert.equal(told[2022].year, null, '2021 is missing')
  assert.deepEqual(told[2023].year, { value: '6', change: '-6', percent: '-100' })
  assert.deepEqual(told[2024].year, { value: '0', change: '3' }, 'of nothing there is no percentage')
  assert.equal(told[2023].turn, 'trough')
  assert.equal(told[2024].rebound, true)
  await writeFile(file, JSON.stringify({ ...series, stated: [{ line: 'n', from: 0, to: 1, change: '-4' }] }))
  await assert.rejects(beside(['adopt', file]), /stated\/0/)
  if (!POSTGRESQL) {
    z.server = await serve(z.db)
    z.base = z.server.base
  }
})
