// SPDX-License-Identifier: Apache-2.0
// An old ledger comes in by two people's act, through the interface that the pages use.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { problem, restart, PASSWORD, start } from './harness.mjs'
import { oldLedger, sheetOf, workbook } from './workbook.mjs'

let z
let place
let units
const TODAY = Math.floor((Date.now() + 8 * 3600_000) / 86_400_000)

before(async () => {
  z = await start()
  const self = await z.self('district')
  place = self.place
  await restart(z, async () => {
    const made = await z.run(['user', 'add', '--account', 'second', '--name', '戚远', '--unit', self.unit, '--role',
      'office', '--password-stdin'], { input: PASSWORD })
    assert.equal(made.code, 0, made.err)
  })
  units = (await z.get('district', `/api/v1/units?place=${place}&limit=200`)).items
    .filter((u) => u.sort === 'enterprise').slice(0, 12)
  assert.ok(units.length > 3)
})
after(async () => { await z.stop() })

async function read(account, rows) {
  const form = new FormData()
  form.set('kind', 'hazard')
  form.set('file', new Blob([workbook(rows)]), '旧台账.xlsx')
  return z.ask(account, 'POST', '/api/v1/carry', { body: form })
}

const columnsOf = (head) => Object.fromEntries(head.columns.filter((c) => c.field).map((c) => [c.column, c.field]))

async function check(account, head, more = {}) {
  const answer = await z.post(account, '/api/v1/carry/check',
    { kind: 'hazard', place, file: head.file, sheet: head.sheet, heading_row: head.heading_row, columns: columnsOf(head), ...more })
  assert.equal(answer.status, 200, answer.text)
  return answer.value
}

/** Asks until the act is over: each answer is the server's own, between two groups. */
async function cameIn(id) {
  for (let asked = 0; asked < 5000; asked++) {
    const act = await z.get('district', `/api/v1/records/${id}`)
    if (act.closed_at) return act
  }
  throw new Error('the old ledger did not come in')
}

const total = async (filter) => (await z.get('district', `/api/v1/records?kind=hazard&${filter}&limit=1`)).total
const figure = async (name, more = '') =>
  (await z.get('district', `/api/v1/figures/${name}?place=${place}${more}`)).cells.reduce((sum, c) => sum + c.value, 0)

test('headings are read below a title, each column proposed by the words old ledgers use', async () => {
  const head = await read('district', sheetOf(oldLedger({ units, count: 5, until: TODAY })))
  assert.equal(head.status, 200, head.text)
  assert.equal(head.value.heading_row, 2)
  assert.equal(head.value.rows, 5)
  assert.deepEqual(head.value.columns.map((c) => c.field), ['ledger_number', 'enterprise', 'enterprise', 'found_on',
    'spot', 'description', 'level', 'source', 'measures', 'ledger_person', 'ledger_deadline', 'ledger_state',
    'ledger_closed_on', 'ledger_verifier'])
  problem(await z.ask('district', 'POST', '/api/v1/carry', { body: (() => {
    const form = new FormData()
    form.set('kind', 'visit')
    form.set('file', new Blob(['a,b\n']), 'a.csv')
    return form
  })() }), 422, '/kind')
})

test('rows that do not hold come back with the reason, and are sent again mended', async () => {
  const made = oldLedger({ units, count: 40, until: TODAY, bad: 3, seed: 3 })
  const before = { found: await figure('hazard_found'), closed: await figure('hazard_closed'), open: await figure('hazard_open') }
  const head = (await read('district', sheetOf(made))).value
  const report = await check('district', head)
  assert.deepEqual([report.rows, report.good, report.bad], [40, 37, 3])
  assert.equal(report.steps.find((s) => s.final).rows, made.told.done)
  assert.equal(report.steps.filter((s) => !s.final).reduce((sum, s) => sum + s.rows, 0), made.told.open)
  assert.equal(report.errors.length, 3)
  for (const e of report.errors) assert.match(e.cell, /^[A-Z]+\d+$/)
  assert.equal(await total(`state=carried_in`), 0, 'a check writes nothing')
  // The workbook of bad rows is read by the same columns; mended, all of it holds.
  const back = await fetch(`${z.base}/api/v1/files/${report.bad_file}`, { headers: { Authorization: `Bearer ${await z.token('district')}` } })
  assert.equal(back.status, 200)
  const mended = made.rows.filter((row) => row[3] === '24.3.5' || row[1] === '查无此厂' || row[11] === '不详')
    .map((row) => row.map((value, x) => (x === 3 && value === '24.3.5' ? '2024-03-05'
      : x === 1 && value === '查无此厂' ? units[0].name : x === 11 ? '整改中' : x === 12 ? '' : value)))
  const again = (await read('district', [made.headings, ...mended])).value
  const second = await check('district', again)
  assert.deepEqual([second.good, second.bad], [3, 0], JSON.stringify(second.errors))

  const act = await z.make('district', report.act, place, { into: 'hazard', files: [head.file], rows: report.pieces })
  await z.step('district', act.id, 'add_rows', { files: [again.file], rows: second.pieces })
  problem(await z.tryStep('district', act.id, 'confirm', { opinion: '与原件核对一致' }), 403)
  const seen = await z.get('second', `/api/v1/carry/${act.id}`)
  assert.deepEqual([seen.rows, seen.bad], [40, 0])
  await z.step('second', act.id, 'confirm', { opinion: '与原件核对一致' })
  const over = await cameIn(act.id)
  assert.equal(over.state, 'came_in')
  assert.deepEqual([over.fields.taken, over.fields.refused], [40, 0])

  assert.equal(await total(`ledger=${act.id}`), 40)
  assert.equal(await total('state=carried_in'), made.told.done)
  assert.equal(await figure('hazard_carried'), 40)
  assert.equal(await figure('hazard_found'), before.found, 'never as found here')
  assert.equal(await figure('hazard_closed'), before.closed, 'never as verified here')
  assert.equal(await figure('hazard_open'), before.open + 40 - made.told.done)
  const file = await z.ask('district', 'GET', '/api/v1/export?kind=hazard&state=carried_in&format=csv')
  assert.equal(file.text.match(/迁入·未经本系统复核/g).length, made.told.done, 'marked in an export too')
  problem(await z.post('district', '/api/v1/records',
    { kind: report.act, place, fields: { into: 'hazard', files: [head.file], rows: report.pieces } }), 422, '/step')
})

test('neither check nor pieces open a door to who may not prepare an old ledger', async () => {
  const head = (await read('district', sheetOf(oldLedger({ units, count: 3, until: TODAY })))).value
  const answer = await z.post('firm', '/api/v1/carry/check',
    { kind: 'hazard', place, file: head.file, heading_row: 2, columns: columnsOf(head) })
  assert.ok([403, 404, 422].includes(answer.status), answer.text)
  problem(await z.post('district', '/api/v1/carry/check',
    { kind: 'hazard', place, file: head.file, heading_row: 2, columns: { 0: 'handler' } }), 422, '/columns/0')
})

test('what a cell could mean in two ways, or not at all, is refused at the cell', async () => {
  const headings = ['企业名称', '统一社会信用代码', '检查日期', '存在问题', '整改状态', '整改完成时间', '隐患级别']
  const [one, other] = units
  const rows = [
    [one.name, '', '2024-02-30', '配电箱缺门', '已整改', '', ''],
    [one.name, '', '24.3.5', '配电箱缺门', '已整改', '', ''],
    [one.name, '', 12, '配电箱缺门', '已整改', '', ''],
    [one.name, '', '2024年3月5日', '配电箱缺门', '差不多', '', ''],
    [one.name, '', '2024.3.5', '配电箱缺门', '已整改', '2024-03-01', ''],
    [one.name, '', '2024/3/5', '配电箱缺门', '未整改', '2024-03-09', ''],
    [one.name, other.credit_code, '20240305', '配电箱缺门', '已整改', '', ''],
    [one.name, '', '2024-03-05 09:30', '缺', '已整改', '', ''],
    [one.name, '', '2999-03-05', '配电箱缺门', '已整改', '', ''],
    [` ${one.name} `, '', '2024年03月05日', '配电箱缺门', '闭环', '', '较大'],
    ['', '', '2024-03-05', '配电箱缺门', '已整改', '', ''],
    [one.name, one.credit_code, '2024-3-5', '配电箱缺门', '闭环', '2024-3-6 10:00', '一般'],
  ]
  const head = (await read('district', [headings, ...rows])).value
  const report = await check('district', head)
  const where = other.credit_code ? ['C2', 'C3', 'C4', 'E5', 'F6', 'F7', 'B8', 'D9', 'C10', 'G11', 'A12'] : null
  assert.equal(report.good, where ? 1 : 2, JSON.stringify(report.errors))
  const cells = report.errors.map((e) => e.cell)
  for (const cell of ['C2', 'C3', 'C4', 'E5', 'F6', 'F7', 'D9', 'C10', 'G11'])
    assert.ok(cells.includes(cell), `${cell} of ${cells.join(' ')}`)
})
