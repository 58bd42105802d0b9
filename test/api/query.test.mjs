// SPDX-License-Identifier: Apache-2.0
// A query as the value of a field, through the doors: entered, counted within its owner's cover, walked by effects.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { problem, restart, start } from './harness.mjs'

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const day = (n) => new Date(Date.now() + 8 * 3600_000 + n * 86_400_000).toISOString().slice(0, 10)
let z
before(async () => {
  z = await start()
  await restart(z, async () => {
    const done = await z.run(['adopt', join(TOP, 'test/definitions/goal.json')])
    assert.equal(done.code, 0, done.err)
  })
})
after(async () => { await z.stop() })

const fields = (unit, measure) => ({ name: '隐患清零', unit, type: 'FC', measure, target: 1000, due_on: day(30) })

async function measured(account, id) {
  return 1000 - (await z.get(account, `/api/v1/records/${id}`)).fields.left
}

test('a query counts what its owner covers, whoever asks and however wide', async () => {
  const [district, firm] = await Promise.all(['district', 'firm'].map((a) => z.self(a)))
  const wide = { from: 'hazard', where: [['place', 'under', '320200000000']] }
  const goal = await z.make('district', 'goal', district.place, fields(district.unit, wide))
  const all = await z.get('district', '/api/v1/records?kind=hazard&limit=200')
  assert.equal(await measured('district', goal.id), all.total, 'the district counts its own')
  assert.match(goal.number, /-FC-\d{4}-001$/)
  const own = await z.make('firm', 'goal', firm.place, fields(firm.unit, wide))
  const mine = await z.get('firm', '/api/v1/records?kind=hazard&limit=200')
  assert.equal(await measured('firm', own.id), mine.total, 'the firm counts what names it')
  await z.make('firm', 'hazard', firm.place, { enterprise: firm.unit, source: 'self', found_on: day(0), description: '新发现的一件' })
  assert.equal(await measured('firm', own.id), mine.total + 1)
})

test('a query that could not be asked is refused at its place', async () => {
  const { place, unit } = await z.self('district')
  const enter = async (measure, pointer) =>
    problem(await z.post('district', '/api/v1/records', { kind: 'goal', place, fields: fields(unit, measure) }), 422, pointer)
  await enter({ from: 'hazard', where: [['place', 'under', place], ['description', '=', 'x']] }, '/fields/measure/where/1')
  await enter({ from: 'hazard', where: [['level', '=', 'major']] }, '/fields/measure')
  await enter({ from: 'hazard', in: ['asleep'], where: [['place', 'under', place]] }, '/fields/measure/in')
  await enter({ from: 'never_was', where: [['place', 'under', place]] }, '/fields/measure')
})

test('a step walks what the query finds, and the like unit at a level looks', async () => {
  const [district, township] = await Promise.all(['district', 'township'].map((a) => z.self(a)))
  const goal = await z.make('district', 'goal', township.place,
    fields(district.unit, { from: 'hazard', in: ['found', 'registered'], where: [['place', 'under', { var: 'place' }]] }))
  const count = await measured('district', goal.id)
  const before = (await z.get('office', '/api/v1/records?kind=goal')).total
  const done = await z.tryStep('office', goal.id, 'follow')
  assert.equal(done.status, 200, done.text)
  assert.equal((await z.get('office', '/api/v1/records?kind=goal')).total, before + count, 'one for each')
  await z.step('district', goal.id, 'look', { level: 'city' })
  await z.step('office', goal.id, 'confirm', { remark: '已督导' })
})
