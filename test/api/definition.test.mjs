// SPDX-License-Identifier: Apache-2.0
// A mechanism is a definition: one dropped in, and one made up at random, work without a line of code.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { problem, restart, start } from './harness.mjs'

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
let z
before(async () => { z = await start() })
after(async () => { await z.stop() })

/** Numbers that follow from a seed: a failure can be repeated. */
function numbers(seed) {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state % below
  }
}

async function adopt(definition) {
  const file = join(z.at, `${definition.kind}.json`)
  await writeFile(file, JSON.stringify(definition))
  await restart(z, async () => {
    const done = await z.run(['adopt', file])
    assert.equal(done.code, 0, `adopt ${definition.kind}: ${done.err}`)
  })
}

function invented(seed) {
  const pick = numbers(seed)
  const name = `invented_${seed}`
  const titles = (word) => `${word}项 | Item ${word}`
  const properties = { unit: { title: '单位 | Unit', type: 'string', 'x-field': 'unit', 'x-index': true } }
  const asked = ['unit!']
  const sorts = [
    () => ({ type: 'string', minLength: 1, maxLength: 80, 'x-public': true, 'x-search': true }),
    () => ({ type: 'integer', minimum: 0, maximum: 1000 }),
    () => ({ type: 'boolean' }),
    () => ({ type: 'string', format: 'date' }),
    () => ({ type: 'string', 'x-field': 'money' }),
    () => ({ enum: ['a', 'b', 'c'], 'x-titles': { a: '甲 | A', b: '乙 | B', c: '丙 | C' }, 'x-index': true }),
    () => ({ type: 'string', maxLength: 300 }),
  ]
  const count = 3 + pick(5)
  for (let i = 0; i < count; i++) {
    properties[`f${i}`] = { title: titles(`f${i}`), ...sorts[(i + pick(2)) % sorts.length]() }
    asked.push(`f${i}!`)
  }
  const length = 3 + pick(3)
  const states = Array.from({ length }, (_, i) => ({ state: `s${i}`, title: titles(`s${i}`), ...(i === length - 1 ? { final: true } : {}) }))
  const who = [{ role: ['safety_officer', 'person_in_charge'], is: 'same:unit' }]
  const steps = [{ step: 'begin', title: '开始 | Begin', from: [], to: 's0', who, ask: asked, set: { owner: { var: 'unit' } } }]
  for (let i = 0; i + 1 < length; i++) {
    const last = i + 2 === length
    steps.push({
      step: `go${i}`, title: `办理${i} | Go ${i}`, from: [`s${i}`], to: `s${i + 1}`, who, ask: ['f0'],
      ...(last ? { apart: ['person:did:begin'] } : {}),
    })
  }
  return {
    kind: name, version: 1, title: `随机${seed} | Invented ${seed}`,
    fields: { required: ['unit'], properties }, states, steps,
    clocks: [{ clock: 'limit', title: '时限 | Limit', in: states.slice(0, -1).map((s) => s.state), from: 'enter',
      after: `${1 + pick(30)}d`, do: [{ after: '0d', notify: ['owner'] }] }],
    figures: [{ figure: `${name}_begun`, title: '件数 | Begun', step: ['begin'], agg: 'count' },
      { figure: `${name}_open`, title: '在办 | Open', in: states.slice(0, -1).map((s) => s.state), agg: 'count' }],
    number: { step: 'begin', set: `{place}-${seed}-{year}-{serial:4}` },
    show: [{ to: 'list', fields: ['unit', 'f0'] }],
  }
}

function valueFor(schema, unit) {
  if (schema['x-field'] === 'unit') return unit
  if (schema['x-field'] === 'money') return '1200.50'
  if (schema.enum) return schema.enum[0]
  if (schema.format === 'date') return '2026-11-21'
  return { integer: 7, boolean: true, string: '随机内容' }[schema.type]
}

/** Walks a record of any kind from its form to an end, by two people, through what the server says is possible. */
async function walk(kind, two) {
  const me = await z.self(two[0])
  const definition = await z.get(two[0], `/api/v1/kinds/${kind}`)
  assert.equal(definition.can_create, true, 'its form is offered')
  const form = definition.steps.find((s) => s.fields).fields
  const fields = Object.fromEntries(form.required.map((name) => [name, valueFor(form.properties[name], me.unit)]))
  let record = await z.make(two[0], kind, me.place, fields)
  const made = record.id
  assert.ok(record.number && record.due, 'it has a number and a clock')
  for (let turns = 0; turns < 12; turns++) {
    const now = await z.get(two[1], `/api/v1/records/${made}`)
    if (now.final) break
    const { items } = await z.get(two[1], `/api/v1/records/${made}/steps`)
    const open = items.find((s) => s.open && s.to !== now.state)
    assert.ok(open, `a step leads out of ${now.state}`)
    const given = Object.fromEntries((open.fields.required ?? []).map((name) => [name, valueFor(open.fields.properties[name], me.unit)]))
    record = await z.step(two[1], made, open.step, given)
  }
  assert.ok((await z.get(two[0], `/api/v1/records/${made}`)).closed_at, 'it came to an end')
  const list = await z.get(two[0], `/api/v1/records?kind=${kind}`)
  assert.deepEqual(list.items.map((r) => r.id), [made])
  const history = await z.get(two[0], `/api/v1/records/${made}/events`)
  assert.deepEqual(history.items.map((e) => e.seq), history.items.map((_, i) => i + 1))
  return definition
}

test('the safety suggestion dropped in: list, form, steps, history, figure', async () => {
  await adopt(JSON.parse(await readFile(join(TOP, 'test/definitions/suggestion.json'), 'utf8')))
  const definition = await walk('suggestion', ['firm', 'boss'])
  const { cells } = await z.get('district', `/api/v1/figures/${definition.figures[0].figure}`)
  assert.equal(cells.reduce((sum, c) => sum + c.value, 0), 1)
})

for (const seed of [Number(process.env.ZHIBEN_SEED ?? 0) || 20261121, 11, 4711]) {
  test(`a definition made up from seed ${seed} works as it stands`, async () => {
    const definition = invented(seed)
    await adopt(definition)
    await walk(definition.kind, ['firm', 'boss'])
    const begun = await z.get('district', `/api/v1/figures/${definition.kind}_begun`)
    const open = await z.get('district', `/api/v1/figures/${definition.kind}_open`)
    assert.equal(begun.cells[0].value, 1)
    assert.equal(open.cells[0].value, 0)
  })
}

test('a second version takes records along by its stated rule, others finish under the first', async () => {
  const definition = invented(99)
  await adopt(definition)
  const me = await z.self('firm')
  const form = (await z.get('firm', `/api/v1/kinds/${definition.kind}`)).steps.find((s) => s.fields).fields
  const fields = Object.fromEntries(form.required.map((n) => [n, valueFor(form.properties[n], me.unit)]))
  const first = await z.make('firm', definition.kind, me.place, fields)
  const second = await z.make('firm', definition.kind, me.place, fields)
  await z.step('boss', second.id, 'go0', {})
  const newer = structuredClone(definition)
  newer.version = 2
  newer.fields.properties.added = { title: '新增 | Added', type: 'integer', default: 0 }
  newer.migrate = [{ from: [1], if: { '==': [{ var: 'state' }, 's0'] }, set: { added: 3 } }]
  await adopt(newer)
  const moved = await z.get('firm', `/api/v1/records/${first.id}`)
  const stayed = await z.get('firm', `/api/v1/records/${second.id}`)
  assert.deepEqual([moved.version, moved.fields.added, stayed.version], [2, 3, 1])
  assert.equal((await z.get('firm', `/api/v1/kinds/${definition.kind}?version=1`)).version, 1)
})

test('a list beyond 1,000 says its total exactly where one figure covers it, else "1000+"', async () => {
  const definition = invented(77)
  await adopt(definition)
  const me = await z.self('firm')
  const form = (await z.get('firm', `/api/v1/kinds/${definition.kind}`)).steps.find((s) => s.fields).fields
  const fields = Object.fromEntries(form.required.map((n) => [n, valueFor(form.properties[n], me.unit)]))
  const file = join(z.at, 'many.jsonl')
  await writeFile(file, `${JSON.stringify({ place: me.place, fields })}\n`.repeat(1050))
  await restart(z, async () => {
    const done = await z.run(['import', definition.kind, file])
    assert.equal(done.code, 0, done.err)
  })
  const open = definition.states.filter((s) => !s.final).map((s) => s.state).join()
  const ask = async (account, query) => (await z.get(account, `/api/v1/records?kind=${definition.kind}${query}`)).total
  assert.equal(await ask('office', `&state=${open}`), 1050)
  assert.equal(await ask('township', `&state=${open}&place=${me.place}`), 1050)
  assert.equal(await ask('office', ''), '1000+')
  assert.equal(await ask('firm', `&state=${open}`), '1000+')
  assert.equal(await ask('office2', `&state=${open}`), 0)
})

test('a definition that could go wrong later is refused with a pointer, and nothing is adopted', async () => {
  const broken = invented(5)
  broken.states.push({ state: 'island', title: '孤岛 | Island' })
  const file = join(z.at, `${broken.kind}.json`)
  await writeFile(file, JSON.stringify(broken))
  await restart(z, async () => {
    const done = await z.run(['adopt', file])
    assert.notEqual(done.code, 0)
    assert.match(done.err, /island|\/states/)
  })
  problem(await z.ask('firm', 'GET', `/api/v1/kinds/${broken.kind}`), 404)
})
