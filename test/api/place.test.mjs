// SPDX-License-Identifier: Apache-2.0
// Places that change, through the real binary: counties merged in the demonstration city while people
// hold tokens and cursors, and a county that goes to another city in a province's store.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folder, json, PASSWORD, problem, restart, run, serve, start } from './harness.mjs'
import { newStore, sql } from './store.mjs'

const DAY = 24 * 3600_000
const dayOf = (ms) => new Date(ms + 8 * 3600_000).toISOString().slice(0, 10)
const TODAY = dayOf(Date.now())
const BEFORE = dayOf(Date.now() - DAY)
const value = (answer) => answer.cells.reduce((sum, cell) => sum + cell.value, 0)

/** Every item of a list, page by page, and the total of its first page. */
async function all(z, account, filter) {
  const items = []
  let total
  let next = ''
  do {
    const page = await z.get(account, `/api/v1/records?${filter}&limit=50${next ? `&cursor=${encodeURIComponent(next)}` : ''}`)
    total ??= page.total
    items.push(...page.items.map((item) => item.id))
    next = page.next
  } while (next)
  return { items, total }
}

let z
let one
let two
before(async () => { z = await start() })
after(async () => { await z.stop() })

test('two districts of a living city become one: every list and figure of today and of yesterday holds', async () => {
  one = (await z.self('district')).place
  two = (await z.self('office2')).place
  const city = (await z.self('office')).place
  const figure = async (account, place, more = '') =>
    value(await z.get(account, `/api/v1/figures/hazard_open?place=${place}${more}`))
  const was = {
    one: await all(z, 'office', `kind=hazard&place=${one}`),
    two: await all(z, 'office', `kind=hazard&place=${two}`),
    openOne: await figure('office', one), openTwo: await figure('office', two), openCity: await figure('office', city),
    then: await z.get('office', `/api/v1/figures/hazard_open?place=${city}&by=place&as_of=${BEFORE}`),
    found: await z.get('office', `/api/v1/figures/hazard_found?place=${city}&period=month`),
  }
  assert.ok(was.one.items.length > 5 && was.openOne > 0, 'the district has hazards')
  const first = await z.get('office', '/api/v1/records?kind=hazard&limit=20')
  const held = await z.get('district', '/api/v1/records?kind=hazard&limit=5')

  let report
  await restart(z, async () => {
    report = await json(['place', 'merge', one, '--to', two, '--db', z.db])
  })
  assert.ok(report.records >= was.one.items.length && report.posts > 0, JSON.stringify(report))

  for (const account of ['office', 'office2', 'district']) {
    const now = await all(z, account, `kind=hazard&place=${two}`)
    assert.deepEqual(new Set(now.items), new Set([...was.one.items, ...was.two.items]), account)
    assert.equal(now.items.length, was.one.items.length + was.two.items.length)
    assert.equal(await figure(account, two), was.openOne + was.openTwo, account)
    assert.equal(await figure(account, one), 0)
    assert.equal((await all(z, account, `kind=hazard&place=${one}`)).items.length, 0)
  }
  assert.equal(await figure('office', city), was.openCity)
  assert.deepEqual((await z.get('office', `/api/v1/figures/hazard_open?place=${city}&by=place&as_of=${BEFORE}`)).cells, was.then.cells)
  assert.deepEqual((await z.get('office', `/api/v1/figures/hazard_found?place=${city}&period=month`)).cells, was.found.cells)
  const past = await all(z, 'office', `kind=hazard&place=${one}&as_of=${BEFORE}`)
  assert.ok(past.items.length > 0 && past.items.every((id) => was.one.items.includes(id)))
  assert.ok((await all(z, 'office', `kind=hazard&place=${two}&as_of=${BEFORE}`)).items.every((id) => was.two.items.includes(id)))

  // Whoever sees the whole city walks on; whose scope changed begins again.
  const second = await z.get('office', `/api/v1/records?kind=hazard&limit=20&cursor=${encodeURIComponent(first.next)}`)
  assert.equal(second.items.filter((item) => first.items.some((other) => other.id === item.id)).length, 0)
  problem(await z.ask('district', 'GET', `/api/v1/records?kind=hazard&limit=5&cursor=${encodeURIComponent(held.next)}`), 422, '/cursor')
})

test('after the merge a firm of the abolished district reports to the one that is left', async () => {
  const me = await z.self('firm')
  const boss = await z.self('boss')
  const made = await z.make('firm', 'hazard', me.place, {
    enterprise: me.unit, source: 'self', found_on: TODAY, description: '合并以后发现的隐患', level: 'general',
    owner_person: boss.person, cause: '磨损', measures: '更换护栏', deadline: '2099-01-01',
  })
  assert.ok(made.number.startsWith(two.slice(0, 6)), made.number)
  assert.ok((await all(z, 'office2', `kind=hazard&place=${two}`)).items.includes(made.id))
  problem(await z.post('office2', '/api/v1/records', { kind: 'matter', place: one, fields: { ground: 'other', about: '已撤销的区' } }), 422, '/place')
  const events = await z.get('office', `/api/v1/records/${made.id}/events`)
  assert.equal(events.items[0].step, 'create')
})

test('an interrupted merge is finished by the same command, and one that cannot be is refused in one line', async () => {
  await restart(z, async () => {
    const again = await json(['place', 'merge', one, '--to', two, '--db', z.db])
    assert.equal(again.records, 0)
    for (const words of [['merge', '320200', '--to', two], ['move', two, '--to', '320214'],
      ['merge', two, '--to', two], ['merge', two, '--to', one], ['move', two, '--to', '999999']]) {
      const done = await run(['place', ...words, '--db', z.db])
      assert.equal(done.code, 2, done.err)
      assert.equal(done.err.trim().split('\n').length, 1, done.err)
    }
  })
})

test('a county goes to another city: its stock goes along that day, its past stays, anchors go to the new city', async () => {
  const at = await folder()
  const db = await newStore(at, 'province')
  let server
  try {
    assert.equal((await run(['init', '--db', db, '--places', '320000'])).code, 0)
    const add = async (sort, name, place, more = []) =>
      (await json(['unit', 'add', '--db', db, '--sort', sort, '--name', name, '--place', place, ...more])).unit
    const user = (account, unit, role) => json(['user', 'add', '--db', db, '--account', account, '--name', account,
      '--unit', unit, '--role', role, '--password-stdin'], { input: `${PASSWORD}\n` })
    const began = Date.now()
    const day = (n) => new Date(began + n * DAY).toISOString()
    await user('province', await add('office', '省安委办', '320000'), 'office')
    await user('old', await add('office', '无锡市安委办', '320200'), 'office')
    await user('new', await add('office', '苏州市安委办', '320500'), 'office')
    const county = await add('office', '江阴市安委办', '320281')
    await user('county', county, 'office')
    const other = await add('office', '宜兴市安委办', '320282')
    await user('other', other, 'office')
    const bring = async (account, place, words, on) => {
      const file = join(at, 'one.jsonl')
      await writeFile(file, `${JSON.stringify({ place, fields: { ground: 'other', about: words } })}\n`)
      await json(['import', 'matter', file, '--db', db, '--as', account, '--now', on])
    }
    await bring('county', '320281', '第一件没人管的事', day(0))
    await bring('county', '320281', '第二件没人管的事', day(0))
    await bring('other', '320282', '另一个县的事', day(0))
    await json(['tick', '--db', db, '--now', day(1)])
    const report = await json(['place', 'move', '320281', '--to', '320500', '--db', db, '--now', day(2)])
    assert.equal(report.records, 2)
    await bring('county', '320281', '第三件没人管的事', day(3))
    await json(['tick', '--db', db, '--now', day(5)])
    server = await serve(db)
    const tokens = {}
    const get = async (account, path) => {
      tokens[account] ??= (await (await fetch(`${server.base}/api/v1/tokens`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ account, password: PASSWORD }),
      })).json()).token
      const answer = await fetch(server.base + path, { headers: { Authorization: `Bearer ${tokens[account]}` } })
      return { status: answer.status, value: await answer.json() }
    }
    const then = dayOf(Date.parse(day(1)))
    const figure = async (account, name, query) => {
      const answer = await get(account, `/api/v1/figures/${name}?${query}`)
      assert.equal(answer.status, 200, JSON.stringify(answer.value))
      return answer.value
    }
    assert.equal(value(await figure('new', 'matter_open', 'place=320500')), 3)
    assert.equal(value(await figure('old', 'matter_open', 'place=320200')), 1)
    assert.equal(value(await figure('province', 'matter_open', 'place=320000')), 4)
    assert.equal(value(await figure('old', 'matter_open', `place=320200&as_of=${then}`)), 3)
    assert.equal(value(await figure('new', 'matter_open', `place=320500&as_of=${then}`)), 0)
    // What was raised below Wuxi was raised below Wuxi.
    assert.equal(value(await figure('old', 'matter_raised', 'place=320200')), 3)
    assert.equal(value(await figure('new', 'matter_raised', 'place=320500')), 1)
    assert.equal(value(await figure('province', 'matter_raised', 'place=320000')), 4)
    const series = await figure('old', 'matter_open', `place=320200&period=day&from=${then}&to=${dayOf(Date.parse(day(2)))}`)
    assert.deepEqual(series.cells.map((cell) => cell.value), [3, 1])
    assert.equal(series.boundary, 'then')
    const rows = await figure('old', 'matter_raised', 'place=320200&by=place')
    assert.deepEqual(Object.fromEntries(rows.cells.map((cell) => [cell.place, cell.value])), { 320281000000: 2, 320282000000: 1 })
    const list = async (account, query) => (await get(account, `/api/v1/records?kind=matter&${query}`)).value
    assert.equal((await list('new', 'place=320500')).total, 3)
    assert.equal((await list('old', 'place=320200')).total, 1)
    assert.equal((await list('old', '')).total, 1)
    assert.equal((await list('county', '')).total, 3)
    assert.equal((await list('province', `place=320200&as_of=${then}`)).total, 3)
    assert.equal((await list('province', `place=320500&as_of=${then}`)).total, 0)
    assert.equal((await list('new', `place=320281&as_of=${then}`)).total, 2)
    // Opened, a figure shows whose records those are now, and says how many it counts beyond them.
    const opened = async (account, query) => {
      const { total, items, figure: said } = await list(account, query)
      return [total, items.length, said.value, said.beyond]
    }
    assert.deepEqual(await opened('province', `figure=matter_open&place=320200&as_of=${then}`), [3, 3, 3, 0])
    assert.deepEqual(await opened('province', `figure=matter_open&place=320200&to=${then}`), [3, 3, 3, 0])
    assert.deepEqual(await opened('old', `figure=matter_open&place=320200&as_of=${then}`), [1, 1, 3, 2])
    assert.deepEqual(await opened('province', 'figure=matter_raised&place=320200'), [3, 3, 3, 0])
    assert.deepEqual(await opened('old', 'figure=matter_raised&place=320200'), [1, 1, 3, 2])
    assert.deepEqual(await opened('new', 'figure=matter_open&place=320500'), [3, 3, 3, 0])
    assert.deepEqual(await opened('new', 'figure=matter_raised&place=320500'), [1, 1, 1, 0])
    assert.deepEqual(await opened('new', `figure=matter_open&place=320500&as_of=${then}`), [0, 0, 0, 0])
    const desk = (await list('new', 'place=320281')).items.map((item) => item.responsible_unit)
    assert.deepEqual(new Set(desk), new Set([county]))
    assert.equal((await get('old', '/api/v1/figures/matter_open?place=320281')).status, 404)
    assert.equal(await server.end(), 0)
    const stream = async (code) => (await sql(db, `SELECT stream FROM org_place WHERE code = '${code}'`))[0].stream
    const moved = await stream('320281000000')
    const anchored = async (city) => (await sql(db, `SELECT body FROM chain_event WHERE stream = ${await stream(city)}`))
      .map(({ body }) => JSON.parse(Buffer.from(body.slice(2), 'hex').toString()))
      .some((event) => event.kind === 'anchor' && event.at > Date.parse(day(2)) + DAY && event.outcome.heads.some((head) => head.stream === moved))
    assert.ok(await anchored('320500000000'))
    assert.ok(!await anchored('320200000000'))
    const proof = await json(['verify', '--db', db, '--figures'])
    assert.ok(proof.events > 0)
    assert.equal((await json(['rebuild', '--db', db])).differs, null)
  } finally {
    await server?.end('SIGKILL')
    await rm(at, { recursive: true, force: true })
  }
})
