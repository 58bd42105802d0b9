// SPDX-License-Identifier: Apache-2.0
// Sight that a record lends of others while its state lasts, through the doors: a task force.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { problem, restart, start } from './harness.mjs'
import { live } from './stream.mjs'

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const day = (n) => new Date(Date.now() + 8 * 3600_000 + n * 86_400_000).toISOString().slice(0, 10)
const WORDS = '借出视野测试用的隐患描述'
let z
let hazard
before(async () => {
  z = await start()
  await restart(z, async () => {
    const files = ['task', 'inspection', 'taskforce'].map((kind) => join(TOP, `test/definitions/${kind}.json`))
    const done = await z.run(['adopt', ...files])
    assert.equal(done.code, 0, done.err)
  })
  hazard = await found('在专班之前')
})
after(async () => { await z.stop() })

/** Found by the firm itself, judged by nobody yet. */
async function found(words) {
  const me = await z.self('firm')
  return z.make('firm', 'hazard', me.place, {
    enterprise: me.unit, source: 'self', found_on: day(0), description: `${WORDS}${words}`,
  })
}

/** The district's bureau leads in the firm's township; the other district's bureau is lent an inspector. */
async function taskforce() {
  const [firm, bureau, other, seconded] = await Promise.all(['firm', 'bureau', 'housing', 'bureau2'].map((a) => z.self(a)))
  return z.make('office', 'taskforce', bureau.place, {
    name: '粉尘专班', lead: bureau.unit, area: firm.place, members: [other.unit], seconded: [seconded.person], ends_on: day(20),
  })
}

async function sees(account, id) {
  const one = await z.ask(account, 'GET', `/api/v1/records/${id}`)
  const list = await z.get(account, '/api/v1/records?kind=hazard&limit=200')
  const search = await z.get(account, `/api/v1/records?kind=hazard&q=${encodeURIComponent(WORDS)}`)
  const answers = [one.status === 200, list.items.some((r) => r.id === id), search.items.some((r) => r.id === id)]
  assert.ok(answers.every((seen) => seen === answers[0]), `${account}: one answer at every door: ${answers}`)
  if (!list.next) assert.equal(list.total, list.items.length)
  return answers[0]
}

test('a task force lends while it is active: what was there, what comes later, and its end', async () => {
  assert.equal(await sees('bureau2', hazard.id), false)
  const force = await taskforce()
  assert.equal(await sees('bureau2', hazard.id), true)
  assert.equal(await sees('office2', hazard.id), false, 'nobody else of that district')
  const later = await found('在专班之后')
  assert.equal(await sees('bureau2', later.id), true)

  // The lent role handles, and neither closes nor creates.
  const { items } = await z.get('bureau2', `/api/v1/records/${later.id}/steps`)
  assert.ok(items.find((s) => s.step === 'judge').open, 'judging is open to the inspector who is lent')
  await z.step('bureau2', later.id, 'judge', { level: 'general' })
  assert.ok(!items.some((s) => s.open && ['void', 'merge'].includes(s.step)))
  problem(await z.tryStep('bureau2', later.id, 'void', { reason: '越权作废' }), 403)

  await z.step('bureau', force.id, 'dissolve', {})
  assert.equal(await sees('bureau2', hazard.id), false)
  problem(await z.tryStep('bureau2', later.id, 'control_now', { interim: 'isolate' }), 404)
})

test('figures and the steps of strangers stay where they were', async () => {
  const { items } = await z.get('bureau2', '/api/v1/figures')
  const figure = items.find((item) => item.kind === 'hazard').figure
  const place = (await z.self('firm')).place
  await taskforce()
  problem(await z.ask('bureau2', 'GET', `/api/v1/figures/${figure}?place=${place}`), 404)
  problem(await z.ask('firm2', 'GET', `/api/v1/records/${hazard.id}`), 404)
})

test('a live stream follows what is lent, and ends with it', async () => {
  for (const { id } of (await z.get('office', '/api/v1/records?kind=taskforce&state=active')).items) await z.step('bureau', id, 'dissolve', {})
  const [lent, stranger] = await Promise.all(['bureau2', 'office2'].map((account) => live(z, account)))
  const force = await taskforce()
  await lent.until((e) => e.event === 'resync')
  const later = await found('随专班推送')
  await lent.until((e) => e.event === 'record' && e.id === later.id)
  lent.events.length = 0
  await z.step('bureau', force.id, 'dissolve', {})
  await lent.until((e) => e.event === 'resync')
  await z.step('bureau', later.id, 'judge', { level: 'general' })
  const other = await z.self('firm2')
  const own = await z.make('firm2', 'hazard', other.place, { enterprise: other.unit, source: 'self', found_on: day(0), description: WORDS })
  /* Theirs by right, and behind what is lent no more. */
  await stranger.until((e) => e.id === own.id)
  await lent.until((e) => e.id === own.id)
  assert.ok(!lent.events.some((e) => e.event === 'record' && e.id === later.id), lent.text)
  assert.ok(!stranger.text.includes(later.id) && !stranger.text.includes(force.id))
  lent.close()
  stranger.close()
})
