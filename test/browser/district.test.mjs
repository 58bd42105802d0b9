// SPDX-License-Identifier: Apache-2.0
// A real district's first day by the pages alone: from the one link of an empty store to the first
// hazard that was found, mended, verified and closed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { picture } from '../api/harness.mjs'
import { byAccount, byLink, firstDay } from './first_day.mjs'
import { open, SIZES } from './visitor.mjs'

let browser
before(async () => { browser = await open() })
after(async () => { await browser?.close() })

for (const size of SIZES) {
  test(`from the one link of an empty store to the first closed hazard (${size.name})`, async () => {
    const day = await firstDay(browser, size)
    const { as, links } = day
    try {
      const visited = await as(byLink(links.guzhou), async (v) => {
        await v.picture('home-first')
        await v.page.locator('.home-new a').filter({ hasText: '检查' }).first().click()
        await v.settle()
        await v.choose('mode', '行政检查')
        await v.choose('enterprise', '锡山木业有限公司')
        await v.choose('team', ['顾舟', '沈帆'])
        await v.choose('lead', '顾舟')
        return v.send()
      })
      await as(byLink(links.luxing), async (v) => {
        await v.go(visited)
        assert.equal(await v.step('approve', (sheet) => v.write('approval_note', '同意', sheet)), 'approved')
      })
      const hazard = await as(byLink(links.shenfan), async (v) => {
        await v.go(visited)
        assert.equal(await v.step('record', async (sheet) => {
          await v.press('result', '发现隐患', sheet)
          await sheet.locator('.row-add').click()
          const row = sheet.locator('.row-card').first()
          await v.write('description', '疏散通道堆放板材，净宽不足 0.8 米', row)
          await v.write('spot', '二车间', row)
          await v.attach('photos', picture(), row)
          await v.press('level', '一般', row)
          await v.choose('owner_person', '木森', row)
          await v.write('measures', '清运板材，划线并每班检查', row)
          await v.press('deadline', '3 日', row)
          await v.write('lead_note', '检查二车间', sheet)
          await v.attach('signed', picture(), sheet)
        }), 'following')
        return v.page.locator('.links a[href^="/record/"]').first().getAttribute('href')
      })
      await as(byLink(links.musen), async (v) => {
        await v.go(hazard)
        assert.equal(await v.step('apply', async (sheet) => {
          await v.attach('after_photos', picture(), sheet)
          await v.write('result', '板材已清运，通道已划线', sheet)
        }), 'applied')
      })
      await as(byAccount('guzhou'), async (v) => {
        await v.go(hazard)
        assert.equal(await v.step('verify', async (sheet) => {
          await v.write('opinion', '现场核对，通道畅通', sheet)
          await v.attach('check_photos', picture(), sheet)
        }), 'closed')
        await v.picture('first-closed')
      })
      await as(byAccount('office'), async (v) => {
        await v.go('/setup')
        await v.picture('setup')
        await v.go('/ledger/hazard')
        assert.match(await v.page.locator('main').innerText(), /疏散通道堆放板材/)
      })
    } finally {
      await day.end()
    }
  })
}
