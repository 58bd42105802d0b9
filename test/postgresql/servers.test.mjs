// SPDX-License-Identifier: Apache-2.0
// Several servers on one database: one log, one clock, one set of definitions.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { City, json, PASSWORD, run, serve, start } from '../api/harness.mjs'
import { sql } from '../api/store.mjs'
import { live } from '../api/stream.mjs'

let z
let cities

before(async () => {
  z = await start()
  cities = [z]
  for (let n = 1; n < 3; n++) cities.push(new City(z.at, z.db, await serve(z.db)))
})
after(async () => {
  for (const other of cities.slice(1)) assert.equal(await other.server.end(), 0)
  await z.stop()
})

const today = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)

function body(me, words) {
  return { kind: 'hazard', place: me.place,
    fields: { enterprise: me.unit, source: 'self', found_on: today(), description: `几台服务同时写下的 ${words}` } }
}

/** Every event of the feed, as one server tells it. */
async function feed(city, account, from) {
  const all = []
  for (let cursor = from; ;) {
    const page = await city.get(account, `/api/v1/feed${cursor ? `?after=${encodeURIComponent(cursor)}` : ''}`)
    all.push(...page.items)
    cursor = page.next
    if (!page.more) return { all, cursor }
  }
}

test('writers on three servers: each record once, no gap in a stream, the same list everywhere', async () => {
  const me = await z.self('firm')
  const made = await Promise.all(cities.flatMap((city, c) => Array.from({ length: 8 }, async (_, w) => {
    const ids = []
    for (let n = 0; n < 5; n++) {
      const answer = await city.post('firm', '/api/v1/records', body(me, `${c}-${w}-${n}`))
      assert.equal(answer.status, 201, answer.text)
      ids.push(answer.value.id)
    }
    return ids
  })))
  const ids = made.flat()
  assert.equal(new Set(ids).size, 3 * 8 * 5)
  for (const id of ids) {
    for (const city of cities) assert.equal((await city.get('firm', `/api/v1/records/${id}`)).id, id)
  }
  const broken = await sql(z.db, `SELECT stream FROM (SELECT stream, seq,
    row_number() OVER (PARTITION BY stream ORDER BY seq) AS n, row_number() OVER (PARTITION BY stream ORDER BY pos) AS p
    FROM chain_event) e WHERE seq <> n OR seq <> p`)
  assert.deepEqual(broken, [], 'numbers of a stream follow one another, in the order of the feed')
})

test('one key sent to every server at once is one record', async () => {
  const me = await z.self('firm')
  const answers = await Promise.all(cities.map((city) =>
    city.post('firm', '/api/v1/records', body(me, '同一个键'), { 'Idempotency-Key': 'three-servers' })))
  for (const answer of answers) assert.equal(answer.status, 201, answer.text)
  assert.equal(new Set(answers.map((answer) => answer.value.id)).size, 1)
})

test('one revision taken on three servers at once: one goes through, the others are told', async () => {
  const me = await z.self('boss')
  const made = await z.make('boss', 'hazard', me.place, { ...body(me, '同一版本').fields })
  const { etag } = await z.ask('boss', 'GET', `/api/v1/records/${made.id}`)
  const answers = await Promise.all(cities.map((city) => city.post('boss',
    `/api/v1/records/${made.id}/steps/control_now`, { fields: { interim: 'watch' } }, { 'If-Match': etag })))
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 412, 412], answers.map((a) => a.text).join('\n'))
})

test('the feed read while three servers write misses nothing and repeats nothing', async () => {
  const me = await z.self('firm')
  const { cursor } = await feed(z, 'office')
  let writing = true
  const writers = Promise.all(cities.map(async (city, c) => {
    const ids = []
    for (let n = 0; n < 15; n++) ids.push((await city.make('firm', 'hazard', me.place, body(me, `流 ${c} ${n}`).fields)).id)
    return ids
  })).finally(() => { writing = false })
  const seen = []
  let at = cursor
  for (let last = false; ; last = !writing) {
    const part = await feed(cities[1], 'office', at)
    seen.push(...part.all)
    at = part.cursor
    if (last) break
  }
  const ids = (await writers).sort()
  const births = seen.filter((e) => ids.flat().includes(e.record)).map((e) => `${e.record} ${e.seq}`)
  assert.equal(new Set(births).size, births.length, 'nothing twice')
  for (const id of ids.flat()) assert.ok(births.includes(`${id} 1`), `${id} is in the feed`)
})

test('what is made at one server reaches the reader of another within a second', async () => {
  const me = await z.self('firm')
  for (const [at, other] of [[0, 1], [1, 2], [2, 0]]) {
    const reader = await live(cities[other], 'firm')
    const made = await cities[at].make('firm', 'hazard', me.place, body(me, `推送 ${at}`).fields)
    await reader.until((e) => e.event === 'record' && e.id === made.id)
    reader.close()
  }
})

test('a reader who goes from server to server misses nothing and hears nothing twice', async () => {
  const me = await z.self('firm')
  const told = []
  let after
  let made = []
  for (let round = 0; round < 6; round++) {
    const before = made
    const reader = await live(cities[round % 3], 'firm', { after })
    /* Some while he is there, some when he has gone; each at another server. */
    const now = await Promise.all(cities.map((city, n) => city.make('firm', 'hazard', me.place, body(me, `换服务 ${round} ${n}`).fields)))
    for (const { id } of [...before, ...now]) await reader.until((e) => e.event === 'record' && e.id === id)
    told.push(...reader.events)
    after = reader.id
    reader.close()
    made = await Promise.all(cities.map((city, n) => city.make('firm', 'hazard', me.place, body(me, `不在时 ${round} ${n}`).fields)))
  }
  const seen = told.map((e) => `${e.event} ${e.id} ${e.revision}`)
  assert.deepEqual(seen.filter((one, n) => seen.indexOf(one) !== n), [])
  assert.equal(seen.length, 6 * 3 + 5 * 3)
})

test('who signs out at one server, or whose password a command changes, is let go at another', async () => {
  const sign = async () => (await z.ask(null, 'POST', '/api/v1/tokens', { body: { account: 'shop', password: PASSWORD } })).value.token
  const [first, second] = [await sign(), await sign()]
  const [one, two] = [await live(cities[1], 'shop', { token: first }), await live(cities[2], 'shop', { token: second })]
  assert.equal((await z.ask(null, 'DELETE', '/api/v1/session', { token: first })).status, 204)
  await one.until((e) => e.event === 'bye', 3000)
  if (!one.ended) await once(one.response, 'close')
  assert.ok(!two.ended)
  const done = await run(['user', 'password', '--account', 'shop', '--password-stdin', '--db', z.db], { input: `${PASSWORD}\n` })
  assert.equal(done.code, 0, done.err)
  await two.until((e) => e.event === 'bye', 3000)
})

test('what a command adopts beside the servers is in force in all of them', async () => {
  await json(['adopt', join(import.meta.dirname, '../definitions/suggestion.json'), '--db', z.db])
  for (const city of cities) {
    const kinds = await city.get('firm', '/api/v1/kinds')
    assert.ok(kinds.items.some((kind) => kind.kind === 'suggestion'), 'the new kind')
  }
})

test('commands that write run beside the servers; time passes once', async () => {
  const now = new Date(Date.now() + 40 * 86400_000).toISOString().replace(/\.\d+Z$/, '+00:00')
  const all = await Promise.all([0, 1, 2].map(() => run(['tick', '--db', z.db, '--now', now])))
  for (const done of all) assert.equal(done.code, 0, done.err)
  const twice = await sql(z.db, 'SELECT stream, name FROM chain_event WHERE name IS NOT NULL GROUP BY stream, name HAVING count(*) > 1')
  assert.deepEqual(twice, [])
  assert.equal((await json(['rebuild', '--db', z.db])).differs, null)
  assert.ok((await json(['verify', '--db', z.db, '--figures'])).events > 0)
})
