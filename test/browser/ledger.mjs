// SPDX-License-Identifier: Apache-2.0
// An old ledger brought in at the pages by two people: one sends the workbook, has its rows checked, mends
// what does not hold and hands it over; another checks again and confirms.
//
//   await carryLedger({ first, second, made, name }, pictured?)   ends at the confirmer's page of the act, all rows in
import assert from 'node:assert/strict'
import { sheetOf, workbook } from '../api/workbook.mjs'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

const send = (v, rows) => v.page.locator('input[name=ledger]')
  .setInputFiles({ name: '旧台账.xlsx', mimeType: XLSX, buffer: workbook(rows) })
const press = async (v, words) => {
  await v.page.getByRole('button', { name: words }).click()
  await v.settle()
}

/** The rows that could not come in, put right. */
const mend = (rows, name) => rows.filter((r) => r[3] === '24.3.5' || r[1] === '查无此厂' || r[11] === '不详').map((row) => {
  const now = [...row]
  if (now[3] === '24.3.5') now[3] = '2025-03-05'
  if (now[1] === '查无此厂') now[1] = name
  now[11] = '整改中'
  now[12] = ''
  return now
})

/** `first` and `second` are signed in; `name` is an enterprise of the district; pictured(visitor, name) looks at a page. */
export async function carryLedger({ first, second, made, name }, pictured = () => {}) {
  const count = made.rows.length
  await first.go('/new/old_ledger')
  await first.page.waitForURL(/\/carry\/old_ledger$/)
  await first.clean()
  await send(first, sheetOf(made))
  await first.page.locator('.columns li').first().waitFor()
  await first.settle()
  await pictured(first, 'old-ledger-columns')
  await press(first, '逐行核对')
  await first.page.locator('.report').waitFor()
  assert.equal(await first.page.locator('.counts .wrong dd').innerText(), String(made.told.bad))
  await pictured(first, 'old-ledger-checked')

  // The bad rows put right, sent again: the same headings mean the same.
  await press(first, '留下通过的，再传更正后的行')
  await send(first, [made.headings, ...mend(made.rows, name)])
  await first.page.locator('.columns li').first().waitFor()
  await press(first, '逐行核对')
  await first.page.locator('.report').waitFor()
  await press(first, `提交第二人确认（${count} 行）`)
  await first.page.waitForURL(/\/carry\/old_ledger\/[0-9A-Z]{16}$/)
  await first.settle()
  assert.equal(await first.state(), 'prepared')
  assert.equal(await first.page.locator('.acts button[data-step=confirm]').count(), 0, 'nobody confirms his own')
  await first.clean()

  await second.go(new URL(first.page.url()).pathname)
  await press(second, '逐行重新核对')
  await second.page.locator('.report').waitFor()
  assert.equal(await second.page.locator('.counts dd').first().innerText(), String(count))
  await pictured(second, 'old-ledger-second')
  await second.step('confirm', async (sheet) => {
    await second.write('opinion', '与旧台账原件逐项核对一致', sheet)
  })
  await second.page.locator('.state[data-state=came_in]').waitFor()
  await second.settle()
  await pictured(second, 'old-ledger-done')
  await second.page.getByRole('link', { name: '查看迁入的台账' }).click()
  await second.page.waitForURL(/\/ledger\/hazard/)
  await second.settle()
  // No figure covers a list of one ledger: beyond a thousand it is not counted out.
  assert.equal(await second.page.locator('.total').innerText(), `共 ${count > 1000 ? '1000+' : count} 条`)
  await pictured(second, 'old-ledger-history')
}
