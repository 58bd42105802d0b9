// SPDX-License-Identifier: Apache-2.0
// An empty store becomes a working district, and its ledger of two years, a workbook of 20,000 rows, its
// history: all of it at the pages.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { oldLedger } from '../api/workbook.mjs'
import { byAccount, byLink, firstDay } from '../browser/first_day.mjs'
import { carryLedger } from '../browser/ledger.mjs'
import { open, SIZES, visit } from '../browser/visitor.mjs'

const ROWS = 20_000
const FIRMS = 150
const LONG = 600_000
const TODAY = Math.floor((Date.now() + 8 * 3600_000) / 86_400_000)

let browser
before(async () => { browser = await open() })
after(async () => { await browser?.close() })

const firms = Array.from({ length: FIRMS }, (_, i) => ({ 属地: '东亭街道', 名称: `东亭第 ${i + 1} 五金厂`, 主体类型: '企业',
  行业: '33 金属制品业', 从业人员数: String(5 + i), 地址: `锡沪路 ${i + 1} 号` }))
const second = { 姓名: '戚远', 账号: 'qiyuan', 单位: '锡山区安委办', 岗位: '安委办' }

test('an empty store, then 20,000 rows of its old ledger, by the pages alone', { timeout: LONG }, async (t) => {
  const day = await firstDay(browser, SIZES[1], { enterprise: firms, person: [second] })
  try {
    const units = firms.map((row) => ({ name: row.名称, credit_code: '' }))
    const made = oldLedger({ units, count: ROWS, until: TODAY, bad: 40, seed: 11 })
    const from = performance.now()
    await day.as(byAccount('office'), (first) => day.as(byLink(day.links.qiyuan), async (other) => {
      for (const v of [first, other]) v.page.setDefaultTimeout(LONG)
      await carryLedger({ first, second: other, made, name: units[0].name })
      await other.go('/figures/hazard_carried?period=year')
      const years = await other.page.locator('.figures-table td.number:nth-child(2)').allInnerTexts()
      assert.equal(years.reduce((sum, cell) => sum + (Number(cell) || 0), 0), ROWS, `by year: ${years}`)
    }))
    t.diagnostic(`from the workbook to the history: ${((performance.now() - from) / 1000).toFixed(0)} s`)
  } finally {
    await day.end()
  }
})
