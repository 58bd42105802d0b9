// SPDX-License-Identifier: Apache-2.0
// A figure's cell opens into exactly the records it counts: after a random history, at every node, on past
// days, for who sees all of them and who sees fewer. ZHIBEN_EVENTS says how many events; from 1,000 on
// every cell is opened, else each fourth.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { change, happen } from './chance.mjs'
import { City, problem, run, serve, start } from './harness.mjs'
import { openedList, recountOpened } from './recount.mjs'
import { planOf, POSTGRESQL, sql } from './store.mjs'

const EVENTS = Number(process.env.ZHIBEN_EVENTS ?? 150)
const EACH = EVENTS < 1000 ? 4 : 1 // of so many cells one is opened
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

const count = async () => Number((await sql(z.db, 'SELECT count(*) AS n FROM chain_event'))[0].n)

/** A command beside the servers where the store allows it, else between two of them. */
async function beside(words) {
  if (!POSTGRESQL) assert.equal(await z.server.end(), 0)
  await change(z.db, words)
  if (POSTGRESQL) return
  z.server = await serve(z.db)
  z.base = z.server.base
}

const sum = (records) => Object.values(records).reduce((a, b) => a + b, 0)

test('a cell at any node opens into the records that a recount finds in it', async (t) => {
  const first = await count()
  const share = (part, seed) => happen(cities, { seed, writers: 6, until: async () => await count() - first >= EVENTS * part })
  const district = (await z.self('district')).place
  const townships = (await z.get('office', `/api/v1/places?parent=${district}`)).items.map((p) => p.code)
  const theirs = (await z.self('township')).place
  await share(0.5, 11)
  await beside(['place', 'merge', theirs, '--to', townships.find((code) => code !== theirs)])
  await share(0.8, 12)
  await beside(['place', 'merge', (await z.self('office2')).place, '--to', district])
  await share(1, 13)
  const tally = await recountOpened(cities, 'office', EACH)
  assert.ok(tally.opened > 1000 && tally.records > 1000 && tally.several > 0, JSON.stringify(tally))
  t.diagnostic(JSON.stringify(tally))
})

test('the rows of a board and its own row open apart, and together are the whole', async () => {
  const place = (await z.self('office')).place
  for (const [figure, below] of [['hazard_open', 'county'], ['hazard_entered', 'township'], ['hazard_major_overdue', 'county']]) {
    const { cells } = await z.get('office', `/api/v1/figures/${figure}?place=${place}&by=${below}`)
    const whole = await openedList(z, 'office', { figure, place })
    const parts = {}
    for (const cell of cells) {
      const opened = await openedList(z, 'office', { figure, place, ...(cell.place === place ? { without: below } : { row: cell.place }) })
      assert.equal(sum(opened.records), cell.value, `${figure} at ${cell.place}`)
      assert.equal(opened.answer.figure.value, cell.value)
      Object.assign(parts, opened.records)
    }
    assert.deepEqual(Object.keys(parts).sort(), Object.keys(whole.records).sort(), figure)
  }
})

test('a line opens into what it leads, and who sees a line alone is shown its cell', async () => {
  const { place } = await z.self('housing')
  const [cell] = (await z.get('housing', `/api/v1/figures/hazard_by_state?place=${place}`)).cells
  const own = await openedList(z, 'housing', { figure: 'hazard_by_state', place })
  assert.deepEqual([sum(own.records), own.answer.figure.value, own.answer.figure.beyond], [cell.value, cell.value, 0])
  assert.equal((await z.ask('firm', 'GET', `/api/v1/records?figure=hazard_open&place=${place}`)).status, 404)
  assert.equal((await z.ask('district', 'GET', '/api/v1/records?figure=hazard_open&place=320000')).status, 404)
})

test('a past day opens by what was known then, in pages that go on', async () => {
  const place = (await z.self('office')).place
  const day = new Date(Date.now() - 20 * 86_400_000).toISOString().slice(0, 10)
  for (const figure of ['hazard_open', 'hazard_overdue', 'hazard_closed']) {
    const [cell] = (await z.get('office', `/api/v1/figures/${figure}?place=${place}&as_of=${day}`)).cells
    const opened = await openedList(z, 'office', { figure, place, as_of: day, limit: 2 })
    assert.deepEqual([sum(opened.records), opened.answer.figure.value], [cell.value, cell.value], figure)
  }
  const page = await z.get('office', `/api/v1/records?figure=hazard_open&place=${place}&limit=1`)
  assert.ok(page.next)
  problem(await z.ask('office', 'GET', `/api/v1/records?figure=hazard_by_state&place=${place}&cursor=${page.next}`), 422, '/cursor')
})

test('sorted by a field or by due, and as a file, it is the same records', async () => {
  const place = (await z.self('office')).place
  const ids = async (more) => Object.keys((await openedList(z, 'office', { figure: 'hazard_open', place, ...more })).records).sort()
  const all = await ids({})
  assert.ok(all.length > 3)
  assert.deepEqual(await ids({ sort: 'found_on', limit: 3 }), all)
  const due = await ids({ sort: 'due', limit: 3 })
  assert.ok(due.length && due.every((id) => all.includes(id)))
  problem(await z.ask('office', 'GET', `/api/v1/records?figure=hazard_by_state&place=${place}&sort=due`), 422, '/sort')
  const file = await z.ask('office', 'GET', `/api/v1/export?kind=hazard&format=json&figure=hazard_open&place=${place}`)
  assert.deepEqual(JSON.parse(file.text).map((r) => r.id).sort(), all)
})

test('what an opened figure asks of the log is looked up, never walked through', async () => {
  const asked = (await run(['statements'])).out.split('\n')
    .filter((line) => /FROM asked JOIN chain_event|SELECT at FROM chain_event|rid = \? ORDER BY rev$/.test(line))
    .map((line) => line.replace('{,(?,?)}*', ',(?,?)').replace('<columns>', 'e.body').replaceAll('?', '1'))
  assert.ok(asked.length >= 3, asked.join('\n'))
  for (const text of asked) {
    const plan = await planOf(z.db, text)
    assert.match(plan, POSTGRESQL ? /Index Scan/ : /USING INDEX/, `${text}\n${plan}`)
    assert.doesNotMatch(plan, POSTGRESQL ? /Seq Scan/ : /SCAN (chain_event|e\b)/, `${text}\n${plan}`)
  }
})

test('what a figure does not have is refused, each at its name', async () => {
  const refused = async (query, pointer) => problem(await z.ask('office', 'GET', `/api/v1/records?${query}`), 422, pointer)
  await refused('figure=no_such', '/figure')
  await refused('figure=hazard_open&kind=visit', '/figure')
  assert.match((await refused('figure=hazard_rectified_rate', '/figure')).errors[0].detail, /hazard_closed_now/)
  await refused('figure=hazard_closed&from=2026-12-01&to=2026-11-30', '/from')
  await refused('figure=hazard_closed&from=yesterday', '/from')
  await refused('figure=hazard_closed&to=2026-02-30', '/to')
  await refused('figure=hazard_open&as_of=soon', '/as_of')
  await refused('figure=hazard_open&line=no_such', '/line')
  await refused('figure=hazard_held&source=self', '/source')
  await refused('figure=hazard_open&state=found', '/state')
  await refused('figure=hazard_open&q=x', '/q')
  await refused('figure=hazard_open&mine=owe', '/mine')
  await refused('figure=hazard_open&period=day', '/period')
  await refused('figure=hazard_open&without=clause', '/without')
  await refused('figure=hazard_open&row=999999', '/row')
  await refused('figure=hazard_open&limit=0', '/limit')
  await refused('figure=hazard_open&sort=spot', '/sort')
  await refused('kind=hazard&from=2026-11-01', '/from')
  await refused('kind=hazard&row=320205', '/row')
  await refused('kind=hazard&without=level', '/without')
  assert.equal((await z.ask('office', 'GET', '/api/v1/records?figure=hazard_open&place=999999')).status, 404)
})
