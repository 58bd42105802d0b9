// SPDX-License-Identifier: Apache-2.0
// Two years of a district's hazards, 20,000 rows of a workbook, come in as history while others work;
// the server is killed half-way. What it took is printed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSWORD, problem, restart, serve, start } from '../api/harness.mjs'
import { oldLedger, sheetOf, workbook } from '../api/workbook.mjs'

const ROWS = 20_000
const BAD = 40
const TODAY = Math.floor((Date.now() + 8 * 3600_000) / 86_400_000)

let z
let place
let units
before(async () => {
  z = await start()
  const self = await z.self('district')
  place = self.place
  await restart(z, async () => {
    const made = await z.run(['user', 'add', '--account', 'second', '--name', '戚远', '--unit', self.unit, '--role',
      'office', '--password-stdin'], { input: PASSWORD })
    assert.equal(made.code, 0, made.err)
  })
  units = (await z.get('district', `/api/v1/units?place=${place}&limit=200`)).items.filter((u) => u.sort === 'enterprise')
})
after(async () => { await z.stop() })

const figure = async (name, more = '') =>
  (await z.get('district', `/api/v1/figures/${name}?place=${place}${more}`)).cells.reduce((sum, c) => sum + c.value, 0)
const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(1)} s`

async function read(rows) {
  const form = new FormData()
  form.set('kind', 'hazard')
  form.set('file', new Blob([workbook(rows)]), '旧台账.xlsx')
  const answer = await z.ask('district', 'POST', '/api/v1/carry', { body: form })
  assert.equal(answer.status, 200, answer.text)
  return answer.value
}

async function check(head) {
  const columns = Object.fromEntries(head.columns.filter((c) => c.field).map((c) => [c.column, c.field]))
  const answer = await z.post('district', '/api/v1/carry/check',
    { kind: 'hazard', place, file: head.file, sheet: 0, heading_row: head.heading_row, columns })
  assert.equal(answer.status, 200, answer.text)
  return answer.value
}

/** Somebody goes on entering hazards meanwhile: how long each took, and how many. */
async function othersWork(id, slow, until) {
  for (let n = 0; ; n++) {
    const act = await z.get('district', `/api/v1/records/${id}`)
    if (act.closed_at || (act.fields.taken ?? 0) >= until) return act
    const from = performance.now()
    await z.make('firm', 'hazard', slow.place, { enterprise: slow.unit, source: 'self', found_on: slow.today,
      description: `边迁入边登记第${n}件` })
    slow.took.push(performance.now() - from)
  }
}

test('20,000 rows of two years become history, and nobody waits long', { timeout: 900_000 }, async (t) => {
  const was = { found: await figure('hazard_found'), closed: await figure('hazard_closed') }
  const made = oldLedger({ units, count: ROWS, until: TODAY, bad: BAD, seed: 11 })
  let from = performance.now()
  const head = await read(sheetOf(made))
  assert.equal(head.rows, ROWS)
  t.diagnostic(`read: ${seconds(from)}`)
  from = performance.now()
  const report = await check(head)
  t.diagnostic(`checked: ${seconds(from)}`)
  assert.deepEqual([report.good, report.bad], [ROWS - BAD, BAD])
  assert.equal(report.steps.find((s) => s.final).rows, made.told.done)
  assert.ok(report.years.length >= 2, 'two years')

  // The bad ones, put right in the file that came back, complete it.
  const mended = made.rows.filter((r) => r[3] === '24.3.5' || r[1] === '查无此厂' || r[11] === '不详').map((r) => [...r])
  for (const row of mended) {
    if (row[3] === '24.3.5') row[3] = '2025-01-02'
    if (row[1] === '查无此厂') row[1] = units[0].name
    row[11] = '整改中'
    row[12] = ''
  }
  const rest = await read([made.headings, ...mended])
  const second = await check(rest)
  assert.deepEqual([second.good, second.bad], [BAD, 0], JSON.stringify(second.errors))

  const act = await z.make('district', report.act, place, { into: 'hazard', files: [head.file], rows: report.pieces })
  await z.step('district', act.id, 'add_rows', { files: [rest.file], rows: second.pieces })
  problem(await z.tryStep('district', act.id, 'confirm', { opinion: '与原件核对一致' }), 403)
  const seen = await z.get('second', `/api/v1/carry/${act.id}`)
  assert.deepEqual([seen.rows, seen.bad], [ROWS, 0])

  const firm = await z.self('firm')
  const slow = { took: [], unit: firm.unit, place: firm.place, today: new Date(TODAY * 86_400_000).toISOString().slice(0, 10) }
  from = performance.now()
  await z.step('second', act.id, 'confirm', { opinion: '与原件核对一致' })
  const half = await othersWork(act.id, slow, ROWS / 2)
  assert.ok(half.fields.taken < ROWS, 'others were answered before it was over')
  await z.server.end('SIGKILL')
  z.server = await serve(z.db)
  z.base = z.server.base
  const over = await othersWork(act.id, slow, Infinity)
  slow.took.sort((a, b) => a - b)
  t.diagnostic(`came in, killed once: ${seconds(from)}; ${slow.took.length} hazards entered meanwhile, ` +
    `half within ${slow.took[slow.took.length >> 1].toFixed(0)} ms, all within ${slow.took.at(-1).toFixed(0)} ms`)
  assert.equal(over.state, 'came_in')
  assert.deepEqual([over.fields.taken, over.fields.refused], [ROWS, 0])

  assert.equal(await figure('hazard_carried'), ROWS, 'each once, though the server was killed')
  assert.equal(await figure('hazard_closed'), was.closed, 'never as verified here')
  assert.equal(await figure('hazard_found'), was.found + slow.took.length, 'never as found here')
  const first = await z.get('district', `/api/v1/records?kind=hazard&ledger=${act.id}&state=carried_in&limit=5`)
  assert.equal(first.items.length, 5)
  problem(await z.post('district', '/api/v1/records',
    { kind: report.act, place, fields: { into: 'hazard', files: [head.file], rows: report.pieces } }), 422, '/step')
})
