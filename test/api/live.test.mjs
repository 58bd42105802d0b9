// SPDX-License-Identifier: Apache-2.0
// What is live: a change is told at once to who may see it, and to nobody else.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { after, before, test } from 'node:test'
import { PASSWORD, problem, restart, start } from './harness.mjs'
import { live } from './stream.mjs'

let z
before(async () => { z = await start() })
after(async () => { await z.stop() })

const today = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
const KNOWN = ['event', 'id', 'kind', 'revision', 'state']

async function found(words) {
  const me = await z.self('firm')
  return z.make('firm', 'hazard', me.place, { enterprise: me.unit, source: 'self', found_on: today(), description: words })
}

/** An inspector's order: its owner is told. */
async function ordered() {
  const { unit, place, person } = await z.self('firm')
  return z.make('bureau', 'hazard', place, { enterprise: unit, source: 'inspector', found_on: today(), level: 'general',
    description: '配电箱门未关闭', cause: '无人管理', measures: '关门上锁', owner_person: person, deadline: '2099-01-01',
    photos: [await z.photo('bureau')] })
}

test('without a sign-in: 401', async () => {
  problem(await z.ask(null, 'GET', '/api/v1/live'), 401)
})

test('a change arrives within a second, with nothing but what the list shows', async () => {
  const mine = await live(z, 'firm')
  const record = await found('现场推送的隐患一')
  const told = await mine.until((e) => e.event === 'record' && e.id === record.id)
  assert.deepEqual(Object.keys(told).sort(), KNOWN)
  assert.deepEqual(told, { event: 'record', id: record.id, kind: 'hazard', revision: record.revision, state: record.state })
  mine.close()
})

test('a stranger gets nothing at all', async () => {
  const others = await Promise.all(['firm2', 'bureau2', 'office2', 'sysadmin'].map((account) => live(z, account)))
  const mine = await live(z, 'firm')
  const record = await found('陌生人听不到的隐患')
  await mine.until((e) => e.id === record.id)
  /* A change of theirs comes behind it: whatever was to come before it has come. */
  const them = await z.self('firm2')
  const own = await z.make('firm2', 'hazard', them.place, { enterprise: them.unit, source: 'self', found_on: today(), description: '自己的隐患' })
  await others[0].until((e) => e.id === own.id)
  for (const other of others) {
    assert.ok(other.events.every((e) => e.id === own.id), other.text)
    if (!other.events.length) assert.match(other.text, /^retry: \d+\nid: \S+\n\n(:\nid: \S+\n\n)*$/)
    other.close()
  }
  mine.close()
})

test('a stream goes on after the last event the reader has', async () => {
  const first = await live(z, 'firm')
  const seen = await found('断线之前的隐患')
  await first.until((e) => e.id === seen.id)
  first.close()
  const missed = await found('断线期间的隐患')
  const again = await live(z, 'firm', { after: first.id })
  await again.until((e) => e.id === missed.id)
  again.close()
  const other = await live(z, 'boss', { after: first.id })
  await other.until((e) => e.event === 'resync')
  other.close()
})

test('a notice arrives', async () => {
  const boss = await live(z, 'boss')
  const made = await ordered()
  const notice = await boss.until((e) => e.event === 'notice' && e.record === made.id)
  assert.ok(notice.words.zh && notice.at)
  boss.close()
})

test('who has signed out is told so and nothing more', async () => {
  const { value: { token } } = await z.ask(null, 'POST', '/api/v1/tokens', { body: { account: 'firm', password: PASSWORD } })
  const mine = await live(z, 'firm', { token })
  const ended = await z.ask(null, 'DELETE', '/api/v1/session', { token })
  assert.equal(ended.status, 204, ended.text)
  const record = await found('退出以后的隐患')
  await mine.until((e) => e.event === 'bye')
  if (!mine.ended) await once(mine.response, 'close')
  assert.ok(!mine.text.includes(record.id))
})

test('a reader who does not read holds up nobody', async () => {
  const request = http.get(`${z.base}/api/v1/live`, { agent: false, headers: { Authorization: `Bearer ${await z.token('firm')}` } })
  const [response] = await once(request, 'response')
  response.on('error', () => {})
  response.pause()
  request.socket.pause()
  const quick = await live(z, 'firm')
  const ids = (await Promise.all(Array.from({ length: 64 }, (_, i) => found(`慢读者的隐患 ${i}`)))).map((r) => r.id)
  for (const id of ids) await quick.until((e) => e.id === id)
  assert.equal(quick.events.filter((e) => e.event === 'record').length, ids.length)
  quick.close()
  request.destroy()
})

test('a reader who hangs up is let go while nothing is sent', { timeout: 10_000 }, async () => {
  const mine = await live(z, 'firm')
  const over = new Promise((go) => { mine.response.on('close', go) })
  mine.response.socket.end()
  await over
})

test('an account holds so many streams and no more', async () => {
  const held = []
  for (let n = 0; n < 16; n++) held.push(await live(z, 'chief'))
  problem(await z.ask('chief', 'GET', '/api/v1/live'), 503)
  for (const one of held) one.close()
})

test('a server that stops ends its streams, idle ones too', async () => {
  const mine = await live(z, 'firm')
  await restart(z, async () => {
    if (!mine.ended) await once(mine.response, 'close')
  })
  assert.ok(mine.ended)
})
