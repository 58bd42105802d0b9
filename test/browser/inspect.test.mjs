// SPDX-License-Identifier: Apache-2.0
// The inspector itself: a page with one thing wrong each, which it must name, and one with none.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { inspect } from './inspect.mjs'
import { open } from './visitor.mjs'

let browser
let page
before(async () => {
  browser = await open()
  page = await (await browser.newContext({ viewport: { width: 360, height: 780 } })).newPage()
})
after(async () => { await browser?.close() })

async function seen(body) {
  await page.setContent(`<!doctype html><title>事故隐患</title><body style="margin:8px">${body}`)
  return page.evaluate(inspect)
}

test('nothing is said of a page with nothing wrong', async () => {
  assert.deepEqual(await seen(`<h1>事故隐患</h1><p>共 20 条</p>
    <p style="overflow:hidden;text-overflow:ellipsis;white-space:nowrap;width:60px" title="配电箱无门，作业区导线未穿管">配电箱无门，作业区导线未穿管</p>
    <div style="overflow:auto;width:200px"><p style="width:500px">可以横向滚动的表格里的一整行字可以横向滚动的表格里的一整行字</p></div>
    <p style="visibility:hidden">undefined</p><p>320205-YH-2026-000021</p>`), [])
})

const WRONG = [
  ['scrolls sideways', '<div style="width:900px">宽</div>'],
  ['leaves the window', '<p style="white-space:nowrap">配电箱无门，作业区导线未穿管，配电箱无门，作业区导线未穿管，配电箱无门</p>'],
  ['cut at the side', '<p style="overflow:hidden;white-space:nowrap;width:60px">配电箱无门，作业区导线未穿管</p>'],
  ['cut below', '<div style="overflow:hidden;height:10px"><p style="margin:14px 0">看不见的一行</p></div>'],
  ['lies over', '<p style="margin:0">第一行字</p><p style="margin:-22px 0 0">第二行字</p>'],
  ['machine words', '<p>责任单位 undefined</p>'],
  ['machine words', '<p>[object Object]</p>'],
  ['machine words', '<p>NaN 条</p>'],
  ['a key of the language file', '<p>list.total</p>'],
  ['a raw name', '<p>状态 self_reported</p>'],
  ['a bare id', '<p>责任单位 u3607101458</p>'],
  ['a bare id', '<input placeholder="0TW0S1FK51R58VBB">'],
  ['a bare digest', '<img alt="eeef95118004eba94aa379e596cb30e4e22aa4a1ca98730d121630f8d80961fa">'],
]

for (const [what, body] of WRONG) {
  test(`the inspector names it: ${what}, ${body.replace(/<[^>]*>/g, '').slice(0, 16) || 'an attribute'}`, async () => {
    const said = await seen(body)
    assert.ok(said.some((line) => line.startsWith(what)), said.join('\n') || 'it said nothing')
  })
}
