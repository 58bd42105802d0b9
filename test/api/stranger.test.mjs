// SPDX-License-Identifier: Apache-2.0
// Nobody sees or changes what lies outside his scope. Generated from the router's own table: every
// method of every route that openapi.json describes, asked as every role about a stranger's record,
// answers exactly what it answers about one that never was.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { restart, start } from './harness.mjs'

const NEVER = { id: '0000000000000000', unit: 'u1', person: 'p1', digest: '0'.repeat(64), place: '999999000000', words: '从未有过的字样' }
const sealed = {
  kind: 'sealed_round', version: 1, title: '暗访安排 | Sealed round',
  fields: { required: ['target', 'words'], properties: {
    target: { title: '对象 | Target', type: 'string', 'x-field': 'unit', 'x-index': true },
    words: { title: '安排 | Words', type: 'string', minLength: 2, maxLength: 200, 'x-public': true, 'x-search': true },
  } },
  states: [{ state: 'laid', title: '已安排 | Laid' }, { state: 'gone', title: '已到场 | Arrived', final: true }],
  steps: [
    { step: 'lay', title: '安排 | Lay', from: [], to: 'laid', who: [{ role: ['inspector'], is: 'supervises:target' }],
      ask: ['target!', 'words!'], set: { owner: { var: 'actor' } } },
    { step: 'arrive', title: '到场 | Arrive', from: ['laid'], to: 'gone', who: [{ role: ['inspector'], is: 'same:owner' }], apart: [] },
  ],
  clocks: [{ clock: 'go', title: '时限 | Limit', in: ['laid'], from: 'enter', after: '5d', do: [{ after: '0d', notify: ['owner'] }] }],
  sight: [{ in: ['laid'], only: ['person:did:lay'] }],
  show: [{ to: 'list', fields: ['target', 'words'] }],
}

let z
let theirs // of the other district
let hidden // sealed, in the first district
const everybody = ['office', 'district', 'bureau', 'officer', 'chief', 'housing', 'township', 'grid', 'firm', 'boss',
  'shop', 'office2', 'bureau2', 'firm2', 'leader', 'auditor', 'sysadmin']
const whole = ['office', 'leader']
const first = ['district', 'bureau', 'officer', 'chief', 'housing', 'township', 'grid', 'firm', 'boss', 'shop']

before(async () => {
  z = await start()
  const file = join(z.at, 'sealed_round.json')
  await writeFile(file, JSON.stringify(sealed))
  await restart(z, async () => {
    const done = await z.run(['adopt', file])
    assert.equal(done.code, 0, done.err)
  })
  const other = await z.self('firm2')
  const photo = await z.photo('firm2')
  const record = await z.make('firm2', 'hazard', other.place, { enterprise: other.unit, source: 'self',
    found_on: '2026-11-20', description: '只有江阴这家企业才看得到的隐患描述', photos: [photo] })
  theirs = { id: record.id, unit: other.unit, person: other.person, digest: photo, place: other.place,
    words: '只有江阴这家企业才看得到' }
  const firm = await z.self('firm')
  const kept = await z.make('bureau', 'sealed_round', firm.place, { target: firm.unit, words: '周三夜间直插现场谁也不知道' })
  hidden = { id: kept.id, words: '周三夜间直插现场谁也不知道' }
})
after(async () => { await z.stop() })

/** The same request about a thing and about one that never was. */
function pair(path, thing) {
  const fill = (from) => path
    .replace('{id}', path.includes('/units/') ? from.unit : from.id)
    .replace('{code}', from.place ?? NEVER.place)
    .replace('{digest}', from.digest ?? NEVER.digest)
    .replace('{step}', 'verify')
    .replace('{kind}', 'hazard').replace('{figure}', 'hazard_open').replace('{table}', 'major_hazard')
  return [fill(thing), fill(NEVER)]
}

const plain = (answer, thing) => answer.text.replaceAll(/"(instance|request)":"[^"]*"/g, '')
  .replaceAll(thing.id, NEVER.id).replaceAll(thing.unit ?? NEVER.unit, NEVER.unit)

async function same(account, method, there, never, thing, more = {}) {
  const [a, b] = [await z.ask(account, method, there, more), await z.ask(account, method, never, more)]
  assert.equal(a.status, b.status, `${account} ${method} ${there}: ${a.status} ${a.text}; never: ${b.status} ${b.text}`)
  assert.equal(plain(a, thing), plain(b, thing), `${account} ${method} ${there}`)
}

async function walk(accounts, thing) {
  const { paths } = await z.get(null, '/api/v1/openapi.json')
  let asked = 0
  for (const [path, methods] of Object.entries(paths)) {
    if (!path.includes('{id}') && !path.includes('{digest}')) continue
    if (path.includes('/units/') && !thing.unit) continue
    if (path.includes('{digest}') && !thing.digest) continue
    const [there, never] = pair(path, thing)
    for (const method of Object.keys(methods)) {
      for (const account of accounts) {
        const bodies = method === 'post' ? [{ body: {}, headers: { 'If-Match': '"1"' } }, { body: {} }, { body: 'not json' }] : [{}]
        for (const more of bodies) {
          await same(account, method.toUpperCase(), there, never, thing, more)
          asked += 1
        }
      }
    }
  }
  return asked
}

test('every route that names a thing: a stranger\'s answers like one that never was', async () => {
  const strangers = first.filter((a) => a !== 'office2')
  assert.ok(await walk(strangers, theirs) > 60)
})

test('a sealed record is nothing to those who see the whole city, and to everybody else', async () => {
  assert.equal((await z.ask('bureau', 'GET', `/api/v1/records/${hidden.id}`)).status, 200, 'who laid it sees it')
  assert.ok(await walk([...whole, 'district', 'officer', 'chief', 'township', 'firm', 'boss', 'office2'], hidden) > 40)
})

test('lists, searches, counts, exports and the feed do not hold what is out of scope', async () => {
  for (const account of everybody.filter((a) => !['office2', 'bureau2', 'firm2', 'office', 'leader'].includes(a))) {
    for (const query of [`q=${encodeURIComponent(theirs.words)}`, `unit=${theirs.unit}`, `enterprise=${theirs.unit}&kind=hazard`,
      `place=${theirs.place}`, 'sort=due&limit=200', 'limit=200']) {
      const { items, total } = await z.get(account, `/api/v1/records?${query}`)
      assert.ok(!items.some((r) => r.id === theirs.id), `${account} ${query}`)
      if (query.startsWith('q=') || query.startsWith('unit=')) assert.equal(total, 0, `${account} ${query}`)
    }
    const file = await z.ask(account, 'GET', '/api/v1/export?kind=hazard&format=csv')
    assert.ok(!file.text.includes(theirs.words), account)
  }
})

test('a sealed record stands in no list, search, figure, feed, notice or export of anybody else', async () => {
  for (const account of everybody.filter((a) => a !== 'bureau')) {
    for (const query of ['kind=sealed_round', `q=${encodeURIComponent('周三夜间')}`, 'limit=200']) {
      const { items } = await z.get(account, `/api/v1/records?${query}`)
      assert.ok(!items.some((r) => r.id === hidden.id), `${account} ${query}`)
    }
    assert.ok(!(await z.ask(account, 'GET', '/api/v1/export?kind=sealed_round&format=json')).text.includes('周三夜间'), account)
    let next = ''
    for (let page = 0; page < 50; page++) {
      const feed = await z.get(account, `/api/v1/feed?after=${encodeURIComponent(next)}`)
      assert.ok(!feed.items.some((e) => e.record === hidden.id), `${account} feed`)
      next = feed.next
      if (!feed.more) break
    }
    assert.ok(!JSON.stringify(await z.get(account, '/api/v1/notices')).includes(hidden.id), account)
  }
})

test('on creation a stranger\'s unit and place are refused at their pointer like those that never were', async () => {
  const me = await z.self('bureau')
  const firm = await z.self('firm')
  const fields = (unit) => ({ enterprise: unit, source: 'inspector', found_on: '2026-11-20', description: '检查中发现的隐患描述' })
  const ask = async (place, unit) => z.post('bureau', '/api/v1/records', { kind: 'hazard', place, fields: fields(unit) })
  for (const [a, b] of [[await ask(firm.place, theirs.unit), await ask(firm.place, 'u7')],
    [await ask(theirs.place, firm.unit), await ask('999999000000', firm.unit)]]) {
    assert.equal(a.status, 422, a.text)
    assert.deepEqual(a.value.errors, b.value.errors)
  }
  assert.ok(me.unit)
})

test('figures of a place out of scope answer like those of one that never was', async () => {
  for (const account of first) {
    await same(account, 'GET', `/api/v1/figures/hazard_open?place=${theirs.place}`, '/api/v1/figures/hazard_open?place=999999000000', theirs)
  }
})
