// SPDX-License-Identifier: Apache-2.0
// The first day of a real district, as its people walk it at the pages: from the one link of an empty
// store to an office whose units, enterprises and people have come in from their workbooks.
//
//   const day = await firstDay(browser, size)   the store, served, its people's links made
//   await day.as(byLink(day.links.guzhou), act) a window of one's own: act(visitor) → what it returns
//   await day.end()                             stops and verifies
import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { folder, json, run, serve } from '../api/harness.mjs'
import { bookOf, rowsOf } from '../api/sheets.mjs'
import { visit } from './visitor.mjs'

export const SECRET = 'first-day-2026'
const CODE = '320205' // 锡山区

const TABLES = {
  unit: [
    ['锡山区应急管理局', '部门', '320205', '应急', '是'],
    ['东亭街道应急办', '乡镇（街道）机构', '东亭街道', '', ''],
  ],
  enterprise: [
    { 属地: '东亭街道', 名称: '锡山木业有限公司', 主体类型: '企业', 统一社会信用代码: '91350100M000100Y43', 行业: '20 木材加工和木、竹、藤、棕、草制品业', 从业人员数: '120', 地址: '东亭路 1 号' },
    { 属地: '东亭街道', 名称: '锡山家具厂', 主体类型: '企业', 统一社会信用代码: '91350100M000100Y44', 行业: '21 家具制造业', 从业人员数: '45', 地址: '东亭路 2 号' },
  ],
  person: [
    { 姓名: '顾舟', 账号: 'guzhou', 单位: '锡山区应急管理局', 岗位: '执法人员', 证件种类: '行政执法证', 证号: '苏B000001', 有效期至: '2030-12-31' },
    { 姓名: '沈帆', 账号: 'shenfan', 单位: '锡山区应急管理局', 岗位: '执法人员', 证件种类: '行政执法证', 证号: '苏B000002', 有效期至: '2030-12-31' },
    { 姓名: '陆行', 账号: 'luxing', 单位: '锡山区应急管理局', 岗位: '部门负责人' },
    { 姓名: '木森', 账号: 'musen', 单位: '锡山木业有限公司', 岗位: '安全员' },
    { 姓名: '林立', 账号: 'linli', 单位: '锡山木业有限公司', 岗位: '主要负责人' },
  ],
}

const part = (v, kind) => v.page.locator(`[data-part=${kind}]`)

/** The empty table as the page gives it, its header found. */
async function template(v, kind) {
  const [file] = await Promise.all([v.page.waitForEvent('download'), part(v, kind).getByText('下载模板').click()])
  const rows = rowsOf(await readFile(await file.path()))
  const head = rows.findIndex((row) => row.some((cell) => cell.endsWith('*')))
  return { rows: rows.slice(0, head + 1), head: rows[head].map((cell) => cell.replace(/ \*$/, '')) }
}

async function upload(v, kind, rows) {
  await part(v, kind).locator('input[type=file]').setInputFiles({ name: `${kind}.xlsx`, mimeType: 'application/octet-stream', buffer: bookOf(rows) })
  await part(v, kind).locator('.result.done').waitFor()
  await v.settle()
  return part(v, kind).locator('.result').innerText()
}

async function fill(v, kind, table) {
  const { rows, head } = await template(v, kind)
  const body = table.map((row) => (Array.isArray(row) ? row : head.map((title) => row[title] ?? '')))
  return upload(v, kind, [...rows, ...body])
}

/** A window of one's own, opened by a link or an account. */
async function inWindow(browser, base, size, enter, act) {
  const v = await visit(browser, base, size)
  v.expecting(/^401 GET \/api\/v1\/me$/)
  try {
    await enter(v)
    const made = await act(v)
    await v.clean()
    return made
  } catch (cause) {
    cause.message += await v.circumstances()
    throw cause
  } finally {
    await v.leave()
  }
}

async function choosePassword(v) {
  await v.page.locator('input[name=password]').fill(SECRET)
  await v.page.locator('input[name=again]').fill(SECRET)
  await v.clean()
  await v.page.locator('button[type=submit]').click()
  await v.page.waitForURL((url) => !url.pathname.startsWith('/first-day'))
  await v.settle()
}

export const byLink = (link) => async (v) => {
  await v.go(link)
  await choosePassword(v)
}
export const byAccount = (account) => (v) => v.signIn(account, SECRET)

/** Every page of a place that has nothing yet says what to do next. */
async function lookAtEmptyPages(v) {
  for (const path of ['/', '/ledger/hazard', '/ledger/enterprise', '/figures', '/places/320205001000']) {
    await v.go(path)
    await v.clean()
    assert.ok(await v.page.locator('main a.button[href^="/"]:visible').count(), `${path} says what to do next`)
  }
}

async function setUp(window, base, first, more) {
  const tables = Object.fromEntries(Object.entries(TABLES).map(([kind, rows]) => [kind, [...rows, ...(more[kind] ?? [])]]))
  return window(async (v) => {
    await v.go(first)
    await v.picture('first-day')
    await v.page.locator('input[name=name]').fill('阎枞')
    await v.page.locator('input[name=account]').fill('office')
    await choosePassword(v)
  }, async (v) => {
    assert.equal(new URL(v.page.url()).pathname, '/setup')
    await v.picture('setup-empty')
    await lookAtEmptyPages(v)
    await v.go('/setup')
    await part(v, 'rules').locator('summary').click()
    await v.clean()
    await part(v, 'rules').locator('button').click()
    await part(v, 'rules').and(v.page.locator('.done')).waitFor()
    assert.match(await fill(v, 'unit', tables.unit), new RegExp(`收下 ${tables.unit.length} 行`))
    // The second enterprise has a wrong credit code: it comes back with the reason and is mended.
    assert.match(await fill(v, 'enterprise', tables.enterprise), new RegExp(`收下 ${tables.enterprise.length - 1} 行，已有未变 0 行，退回 1 行`))
    await v.picture('setup-refused', { whole: true })
    const [file] = await Promise.all([v.page.waitForEvent('download'), part(v, 'enterprise').getByText('下载退回的行及原因').click()])
    const back = rowsOf(await readFile(await file.path()))
    const bad = back.at(-1)
    assert.match(bad.at(-1), /统一社会信用代码/)
    back[back.length - 1] = bad.map((cell) => (cell === '91350100M000100Y44' ? '' : cell))
    assert.match(await upload(v, 'enterprise', back), /收下 1 行/)
    assert.match(await fill(v, 'person', tables.person), new RegExp(`收下 ${tables.person.length} 行`))
    await v.go('/setup/links')
    await v.page.getByText('生成链接').click()
    await v.page.locator('[data-account]').first().waitFor()
    const links = Object.fromEntries(await v.page.$$eval('[data-account]', (slips) =>
      slips.map((slip) => [slip.dataset.account, slip.querySelector('.address').innerText.replace(/\s/g, '')])))
    await v.picture('setup-links')
    assert.deepEqual(Object.keys(links).sort(), tables.person.map((row) => row.账号).sort())
    return Object.fromEntries(Object.entries(links).map(([account, link]) => [account, link.replace(base, '')]))
  })
}

/**
 * An empty store of one district set up at the pages in windows of this size. `more` has further rows for
 * the three tables; the second enterprise of TABLES comes back once and is mended.
 */
export async function firstDay(browser, size, more = {}) {
  const at = await folder()
  const db = `sqlite:${join(at, 'z.db')}`
  const { link } = await json(['init', '--db', db, '--places', CODE])
  const server = await serve(db)
  const { base } = server
  const window = (enter, act) => inWindow(browser, base, size, enter, act)
  const end = async () => {
    await server.end()
    assert.equal((await run(['verify', '--db', db, '--figures'])).code, 0)
    await rm(at, { recursive: true, force: true })
  }
  try {
    return { base, as: window, end, links: await setUp(window, base, link.slice(link.indexOf('/first-day')), more) }
  } catch (cause) {
    await end()
    throw cause
  }
}
