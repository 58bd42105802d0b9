// SPDX-License-Identifier: Apache-2.0
// An old ledger becomes a district's history by the pages alone: one person prepares it, mends what does
// not hold, another confirms; what came in is marked and told apart.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSWORD, restart, start } from '../api/harness.mjs'
import { oldLedger, sheetOf, workbook } from '../api/workbook.mjs'
import { open, SIZES, visit } from './visitor.mjs'

const TODAY = Math.floor((Date.now() + 8 * 3600_000) / 86_400_000)
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

let z
let browser
let units
before(async () => {
  z = await start()
  const self = await z.self('district')
  await restart(z, async () => {
    const made = await z.run(['user', 'add', '--account', 'second', '--name', '戚远', '--unit', self.unit, '--role',
      'office', '--password-stdin'], { input: PASSWORD })
    assert.equal(made.code, 0, made.err)
  })
  units = (await z.get('district', `/api/v1/units?place=${self.place}&limit=200`)).items.filter((u) => u.sort === 'enterprise')
  browser = await open()
})
after(async () => {
  await browser?.close()
  await z?.stop()
})

/** As it looks at both sizes; back at the size of the visit. */
async function pictured(v, name) {
  const at = v.size
  for (const size of SIZES) {
    await v.resize(size)
    await v.picture(name)
  }
  await v.resize(at)
}

const send = (v, rows) => v.page.locator('input[name=ledger]')
  .setInputFiles({ name: '旧台账.xlsx', mimeType: XLSX, buffer: workbook(rows) })
const press = async (v, words) => {
  await v.page.getByRole('button', { name: words }).click()
  await v.settle()
}

test('an old ledger comes in by two people, who prepares it at a phone, who confirms at a desk', async () => {
  const made = oldLedger({ units, count: 300, until: TODAY, bad: 4, seed: 5 })
  const first = await visit(browser, z.base, SIZES[0])
  const second = await visit(browser, z.base, SIZES[1])
  try {
    await first.signIn('district', PASSWORD)
    await first.go('/new/old_ledger')
    await first.page.waitForURL(/\/carry\/old_ledger$/)
    await first.clean()
    await send(first, sheetOf(made))
    await first.page.locator('.columns li').first().waitFor()
    await first.settle()
    await pictured(first, 'old-ledger-columns')
    await press(first, '逐行核对')
    await first.page.locator('.report').waitFor()
    assert.equal(await first.page.locator('.counts .wrong dd').innerText(), '4')
    await pictured(first, 'old-ledger-checked')

    // The bad rows put right, sent again: the same headings mean the same.
    await press(first, '留下通过的，再传更正后的行')
    const mended = made.rows.filter((r) => r[3] === '24.3.5' || r[1] === '查无此厂' || r[11] === '不详').map((row) => {
      const now = [...row]
      if (now[3] === '24.3.5') now[3] = '2025-03-05'
      if (now[1] === '查无此厂') now[1] = units[0].name
      now[11] = '整改中'
      now[12] = ''
      return now
    })
    await send(first, [made.headings, ...mended])
    await first.page.locator('.columns li').first().waitFor()
    await press(first, '逐行核对')
    await first.page.locator('.report').waitFor()
    await press(first, '提交第二人确认（300 行）')
    await first.page.waitForURL(/\/carry\/old_ledger\/[0-9A-Z]{16}$/)
    await first.settle()
    assert.equal(await first.state(), 'prepared')
    assert.equal(await first.page.locator('.acts button[data-step=confirm]').count(), 0, 'nobody confirms his own')
    await first.clean()

    const path = new URL(first.page.url()).pathname
    await second.signIn('second', PASSWORD)
    await second.go(path)
    await press(second, '逐行重新核对')
    await second.page.locator('.report').waitFor()
    assert.equal(await second.page.locator('.counts dd').first().innerText(), '300')
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
    assert.equal(await second.page.locator('.total').innerText(), '共 300 条')
    await pictured(second, 'old-ledger-history')
    await second.page.locator('a[href^="/record/"]').filter({ visible: true }).last().click()
    await second.settle()
    await pictured(second, 'old-ledger-record')
  } catch (cause) {
    cause.message += await first.circumstances() + await second.circumstances()
    throw cause
  } finally {
    await first.leave()
    await second.leave()
  }
})
