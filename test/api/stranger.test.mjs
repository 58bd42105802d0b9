// SPDX-License-Identifier: Apache-2.0
// A stranger walks the router: whatever is not his answers as what never was, by body and by the
// number of store calls, and no list, count, search, figure, export, feed or notice holds it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSWORD, problem, start } from './harness.mjs'

let z
let record
let digest
const WORDS = '陌生人绝不该见到的隐患描述'
const STRANGERS = ['firm2', 'bureau2', 'office2', 'auditor', 'sysadmin']

before(async () => {
  z = await start(['--workers', '1']) // one connection: what it has found out is the same for both
  const me = await z.self('firm')
  digest = await z.photo('firm')
  const today = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
  record = await z.make('firm', 'hazard', me.place, {
    enterprise: me.unit, source: 'self', found_on: today, description: WORDS, photos: [digest],
    level: 'general', owner_person: me.person, cause: WORDS, measures: WORDS, deadline: '2099-01-01',
  })
})
after(async () => { await z.stop() })

/** An id of the same stream that never was: the last character is another one. */
function never(id) {
  return id.slice(0, -1) + (id.endsWith('Z') ? 'Y' : 'Z')
}

/** The answer, and how many statements it took by the log's own line. */
async function asked(account, method, path, options) {
  const answer = await z.ask(account, method, path, options)
  const request = answer.headers.get('x-request-id')
  const line = z.server.log.text.split('\n').find((text) => text.includes(request))
  return { ...answer, calls: JSON.parse(line).store_calls }
}

/**
 * The same of two ids in turn, and the least number of statements each took: what a connection has found
 * out it does not ask again, whoever asks and for whatever id.
 */
async function both(one, other, ask) {
  const answers = [[], []]
  for (let i = 0; i < 3; i++) {
    answers[0].push(await ask(one))
    answers[1].push(await ask(other))
  }
  return answers.map((list) => ({ ...list[0], calls: Math.min(...list.map((a) => a.calls)) }))
}

test('every route that names a record answers a stranger as it answers for none', async () => {
  const { paths } = await z.get(null, '/api/v1/openapi.json')
  let walked = 0
  for (const [path, methods] of Object.entries(paths)) {
    if (!path.startsWith('/api/v1/records/{id}')) continue
    for (const method of Object.keys(methods)) {
      for (const account of STRANGERS) {
        if (account === 'auditor' && path.endsWith('/proof')) continue // positions and digests are his
        const ask = (id) => asked(account, method.toUpperCase(), path.replace('{id}', id).replace('{step}', 'judge'),
          method === 'post' ? { body: { fields: {} }, headers: { 'If-Match': '"1"' } } : {})
        const [his, none] = await both(record.id, never(record.id), ask)
        problem(his, 404)
        assert.equal(his.text, none.text, `${account} ${method} ${path}`)
        assert.equal(his.calls, none.calls, `store calls: ${account} ${method} ${path}`)
        walked += 1
      }
    }
  }
  assert.ok(walked >= 20, `${walked} asked`)
})

test('units, people and attachments outside the scope answer as none', async () => {
  const { unit } = await z.self('firm')
  for (const account of ['firm2', 'bureau2', 'office2']) {
    const other = await asked(account, 'GET', `/api/v1/units/${unit}`)
    const none = await asked(account, 'GET', '/api/v1/units/u4398046511103')
    problem(other, 404)
    assert.equal(other.text, none.text)
    const people = await z.ask(account, 'GET', `/api/v1/people?unit=${unit}`)
    const nobody = await z.ask(account, 'GET', '/api/v1/people?unit=u4398046511103')
    assert.equal(people.status, nobody.status)
    assert.equal(people.text, nobody.text, account)
    problem(await z.ask(account, 'GET', `/api/v1/files/${digest}`), 404)
  }
})

test('no list, search, filter, export, feed or notice of a stranger holds it', async () => {
  const { unit, place } = await z.self('firm')
  const paths = [
    '/api/v1/records?limit=200', `/api/v1/records?q=${encodeURIComponent(WORDS)}`, `/api/v1/records?unit=${unit}`,
    `/api/v1/records?place=${place}`, `/api/v1/records?kind=hazard&enterprise=${unit}`,
    `/api/v1/records?desk=${unit}`, '/api/v1/export?kind=hazard&format=json', '/api/v1/export?kind=hazard&format=csv',
    '/api/v1/feed', '/api/v1/notices', '/api/v1/public/plates',
  ]
  for (const account of STRANGERS) {
    for (const path of paths) {
      const { text } = await z.ask(account, 'GET', path)
      for (const secret of [record.id, record.number, WORDS].filter(Boolean)) {
        assert.ok(!text.includes(secret), `${account} ${path} holds ${secret}`)
      }
    }
  }
})

test('figures outside the scope are refused, and those inside do not move', async () => {
  const { place } = await z.self('firm')
  const { items } = await z.get('firm2', '/api/v1/figures')
  const figure = items.find((item) => item.kind === 'hazard').figure
  for (const account of ['firm2', 'bureau2', 'office2']) {
    const other = await z.ask(account, 'GET', `/api/v1/figures/${figure}?place=${place}`)
    const none = await z.ask(account, 'GET', `/api/v1/figures/${figure}?place=999999999999`)
    assert.equal(other.status, none.status, other.text)
    assert.equal(other.text, none.text)
  }
  const mine = (await z.self('office2')).place
  const sum = async () => (await z.get('office2', `/api/v1/figures/${figure}?place=${mine}`)).cells
  const had = await sum()
  const me = await z.self('firm')
  await z.make('firm', 'hazard', me.place, { enterprise: me.unit, source: 'self', found_on: record.fields.found_on, description: WORDS })
  assert.deepEqual(await sum(), had)
})

test('what a connection has found out of a caller ends with his session', async () => {
  const made = await z.ask(null, 'POST', '/api/v1/tokens', { body: { account: 'firm', password: PASSWORD } })
  const headers = { Authorization: `Bearer ${made.value.token}` }
  for (let i = 0; i < 3; i++) assert.equal((await z.ask(null, 'GET', '/api/v1/records', { headers })).status, 200)
  assert.equal((await z.ask(null, 'DELETE', '/api/v1/session', { headers })).status, 204)
  problem(await z.ask(null, 'GET', '/api/v1/records', { headers }), 401)
})

test('a total that is remembered counts the next record', async () => {
  const { unit, place, person } = await z.self('firm')
  const total = async () => (await z.get('firm', `/api/v1/records?kind=hazard&enterprise=${unit}&limit=1`)).total
  const before = await total()
  assert.equal(await total(), before)
  await z.make('firm', 'hazard', place, {
    enterprise: unit, source: 'self', found_on: new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10),
    description: '记得住的总数也要数新的一件', level: 'general', owner_person: person, measures: '照样数进去', deadline: '2099-01-01',
  })
  assert.equal(await total(), before + 1)
})
