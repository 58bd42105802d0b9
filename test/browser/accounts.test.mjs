// SPDX-License-Identifier: Apache-2.0
// Every account that script/accounts.txt prints signs in and does what its line says first.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { PASSWORD, picture, start } from '../api/harness.mjs'
import { open, SIZES, visit } from './visitor.mjs'

let z
let browser
let firm
let shop
before(async () => {
  z = await start()
  browser = await open()
  firm = await z.self('firm')
  shop = await z.self('shop')
})
after(async () => {
  await browser?.close()
  await z?.stop()
})

const day = (n) => new Date(Date.now() + 8 * 3_600_000 + n * 86_400_000).toISOString().slice(0, 10)
const done = new Map()

/** What an account does first; its name is ticked off against the printed list at the end. */
function first(account, words, act) {
  done.set(account, words)
  test(`${account}: ${words}`, async () => {
    const v = await visit(browser, z.base, SIZES[done.size % 2])
    try {
      await v.signIn(account, PASSWORD)
      await act(v)
      await v.clean()
    } catch (cause) {
      cause.message += await v.circumstances()
      throw cause
    } finally {
      await v.leave()
    }
  })
}

/** A hazard at the firm as somebody records it. */
const hazard = (account, fields) => z.make(account, 'hazard', firm.place,
  { enterprise: firm.unit, found_on: day(0), description: '配电箱无门，作业区导线未穿管', spot: '抛光车间', ...fields })
const ORDER = () => ({ level: 'general', owner_person: firm.person, measures: '更换箱门，导线穿管', deadline: day(15) })
const apply = async (id) => z.step('firm', id, 'apply', { after_photos: [await z.photo('firm')], result: '已更换箱门' })

const openFrom = async (v, id) => v.page.locator(`a[href="/record/${id}"]:visible`).first().click()
const count = (v) => v.page.locator('.total').innerText()

async function planned() {
  const [bureau, officer] = [await z.self('bureau'), await z.self('officer')]
  return z.make('bureau', 'visit', firm.place,
    { mode: 'inspection', enterprise: firm.unit, on: day(0), team: [bureau.person, officer.person], lead: bureau.person })
}

async function sendVisit(v, mode, object, fill) {
  await v.page.locator('.home-new a[href="/new/visit"]').click()
  await v.choose('mode', mode)
  await v.choose('enterprise', object)
  await fill?.()
  await v.send()
  return v.state()
}

const unitName = async (account) => (await z.get(account, '/api/v1/me')).posts[0].unit_name
const personName = async (account) => (await z.get(account, '/api/v1/me')).name

first('bureau', 'plans a visit of two officers', async (v) => {
  const names = [await personName('bureau'), await personName('officer')]
  assert.equal(await sendVisit(v, '行政检查', await unitName('firm'), async () => {
    await v.choose('team', names)
    await v.choose('lead', names[0])
  }), 'planned')
})

first('officer', 'verifies what was reported mended and closes it', async (v) => {
  const h = await hazard('bureau', { source: 'inspector', ...ORDER() })
  await apply(h.id)
  await v.go('/')
  await openFrom(v, h.id)
  assert.equal(await v.step('verify', (sheet) => v.write('opinion', '箱门完好，导线已穿管', sheet)), 'closed')
})

first('chief', 'approves an inspection, and voids what is none', async (v) => {
  const p = await planned()
  await v.go('/')
  await openFrom(v, p.id)
  assert.equal(await v.step('approve'), 'approved')
  const h = await hazard('officer', { source: 'inspector', ...ORDER() })
  await v.go(`/record/${h.id}`)
  assert.equal(await v.step('void', (sheet) => v.write('reason', '现场复核不构成隐患', sheet)), 'void')
})

first('firm', 'mends what the firm owes and asks for re-inspection', async (v) => {
  const h = await hazard('officer', { source: 'inspector', ...ORDER() })
  await v.go('/')
  await openFrom(v, h.id)
  assert.equal(await v.step('apply', async (sheet) => {
    await v.attach('after_photos', [picture(), picture()], sheet)
    await v.write('result', '已更换箱门，导线穿管', sheet)
  }), 'applied')
})

first('boss', 'checks his own firm, and verifies what its officer reported', async (v) => {
  assert.equal(await sendVisit(v, '企业自查', await unitName('firm'), async () => {
    await v.press('led_by_head', '是')
    await v.press('result', '未发现隐患')
  }), 'closed')
  const h = await hazard('firm', { source: 'self', ...ORDER() })
  await apply(h.id)
  await v.go(`/record/${h.id}`)
  assert.equal(await v.step('verify_inside', (sheet) => v.write('opinion', '看过，合格', sheet)), 'closed')
})

first('shop', 'reports done what he mended himself; it waits for a look', async (v) => {
  assert.equal(await sendVisit(v, '企业自查', await unitName('shop'), async () => {
    await v.press('result', '发现隐患')
    await v.page.locator('.row-add').click()
    const row = v.page.locator('.row-card').first()
    await v.write('description', '灭火器压力不足一具', row)
    await v.attach('photos', picture(), row)
    await v.choose('mender', await personName('shop'), row)
    await v.attach('after_photos', picture(), row)
  }), 'following')
  await v.page.locator('.links a[href^="/record/"]').first().click()
  assert.equal(await v.state(), 'self_reported')
})

first('grid', 'patrols: nothing found, and once something to report', async (v) => {
  assert.equal(await sendVisit(v, '网格巡查', await unitName('shop'), () => v.press('result', '未发现隐患')), 'closed')
  await v.go('/')
  assert.equal(await sendVisit(v, '网格巡查', await unitName('firm'), async () => {
    await v.press('result', '发现隐患')
    await v.page.locator('.row-add').click()
    const row = v.page.locator('.row-card').first()
    await v.write('description', '消防通道停放叉车', row)
    /* He tells what he found; a deadline is set by who judges it. */
    assert.ok(await row.locator('[data-field=spot]').count() > 0)
    assert.equal(await row.locator('[data-field=deadline]').count(), 0)
  }), 'following')
})

first('township', 'judges what the grid reported and orders its mending', async (v) => {
  const h = await hazard('grid', { source: 'grid', description: '消防栓被货物遮挡' })
  await v.go('/')
  await openFrom(v, h.id)
  assert.equal(await v.step('judge', async (sheet) => {
    await v.press('level', '一般', sheet)
    await v.choose('owner_person', await personName('firm'), sheet)
    await v.write('measures', '移开货物，划禁放线', sheet)
    await v.press('deadline', '3 日', sheet)
  }), 'rectifying')
})

first('district', 'lists a major hazard, and rules a dispute', async (v) => {
  const major = await hazard('officer', { source: 'inspector', ...ORDER(), description: '干式除尘系统未设泄爆装置',
    level: 'major', clause: 'GM-FC-03', interim: 'stop_use' })
  const { items } = await z.get('district', `/api/v1/records?kind=listing&unit=${firm.unit}&sort=newest`)
  const proposed = items.find((r) => r.fields.subject === major.id)
  await v.go('/')
  await openFrom(v, proposed.id)
  assert.equal(await v.step('list', async (sheet) => {
    await v.write('matter', '除尘系统未设泄爆装置', sheet)
    await v.write('demands', '停用除尘系统，加装泄爆片和隔爆阀', sheet)
    await v.press('deadline', '30 日', sheet)
  }), 'listed')
  await v.go(`/print/listing/${proposed.id}/0`)
  for (const size of SIZES) {
    await v.resize(size)
    await v.picture('print-listing', { whole: true })
  }

  const h = await hazard('officer', { source: 'inspector', ...ORDER(), description: '共用楼梯间应急灯不亮' })
  await z.step('firm', h.id, 'dispute', { reason: '该楼梯属出租方管理' })
  await v.go(`/record/${h.id}`)
  assert.equal(await v.step('rule_on', (sheet) => v.write('reason', '按租赁协议由承租方负责', sheet)), 'rectifying')
})

first('office', 'sees the whole city by place and by line, down to the records', async (v) => {
  for (const by of ['place', 'line']) {
    await v.go(`/figures/hazard_open?by=${by}`)
    const link = v.page.locator('td.number a').first()
    const n = await link.innerText()
    await link.click()
    await v.settle()
    assert.equal(await count(v), `共 ${n} 条`)
  }
})

/** A number of a board is pressed: the ledger shows so many rows and says of what. */
async function press(v, link, words) {
  const n = await link.innerText()
  await link.click()
  await v.settle()
  assert.equal(await count(v), `共 ${n} 条`)
  const rows = v.page.locator(v.size.width > 860 ? '.records-table tbody tr' : '.records-cards li')
  assert.equal(await rows.count(), Math.min(Number(n), 20))
  assert.match(await v.page.locator('.opened').innerText(), words)
}

first('chief', 'opens a flow of a month and both sides of a ratio into what they count', async (v) => {
  await v.go('/figures/hazard_entered?period=month')
  await press(v, v.page.locator('td.number a').filter({ hasText: /^[1-9]/ }).last(), /录入隐患[^]*20\d\d-/)
  await v.page.locator('.opened button').click()
  await v.settle()
  assert.equal(await v.page.locator('.opened').count(), 0)
  assert.ok(await v.page.locator('input[name=q]').isVisible())
  await v.go('/figures/hazard_closed?by=level')
  await press(v, v.page.locator('td.number a').first(), /等级：/)
  await v.go('/figures/hazard_rectified_rate')
  await v.page.locator('.sides a').first().click()
  await v.settle()
  assert.match(await count(v), /^共 [1-9]\d* 条$/)
})

first('leader', 'opens a number of the home page into its records', async (v) => {
  await press(v, v.page.locator('.now a[href*="figure=hazard_open"]'), /存量|未销号/)
  await v.go('/')
  await v.page.locator('.now a[href="/figures/hazard_open"]').click()
  await v.settle()
  const link = v.page.locator('td.number a').first()
  const n = await link.innerText()
  await link.click()
  await v.settle()
  assert.equal(await count(v), `共 ${n} 条`)
  await v.page.locator('a[href^="/record/"]:visible').first().click()
  assert.ok(await v.state())
})

first('housing', 'has the enterprises and visits of its own line', async (v) => {
  await v.go('/ledger/enterprise')
  const names = await v.page.locator('a[href^="/record/"]:visible').allInnerTexts()
  assert.ok(names.length > 0 && !names.includes(await unitName('firm')), names.join(' '))
  const firmRecord = (await z.get('office', `/api/v1/records?kind=hazard&unit=${firm.unit}&limit=1`)).items[0]
  assert.equal((await z.ask('housing', 'GET', `/api/v1/records/${firmRecord.id}`)).status, 404)
})

for (const account of ['office2', 'bureau2', 'firm2']) {
  first(account, 'sees nothing of the first district', async (v) => {
    await v.go('/ledger/hazard')
    const theirs = await v.page.locator('main').innerText()
    assert.ok(!theirs.includes(await unitName('firm')))
    const h = (await z.get('bureau', '/api/v1/records?kind=hazard&limit=1')).items[0]
    v.expecting(/^404 GET \/api\/v1\/records\//)
    await v.go(`/record/${h.id}`)
    assert.match(await v.page.locator('[role=alert]').first().innerText(), /没有找到/)
  })
}

first('auditor', 'proves a record by its check code and reads nothing of it', async (v) => {
  const h = (await z.get('bureau', '/api/v1/records?kind=hazard&limit=1')).items[0]
  assert.equal(await v.page.locator('nav.side a[href^="/ledger"]').count(), 0)
  await v.page.locator('.tasks a[href="/proof"]').click()
  await v.page.locator('input[name=code]').fill(h.id.match(/.{4}/g).join(' ').toLowerCase())
  await v.page.getByRole('button', { name: '核验' }).click()
  assert.match(await v.page.locator('.result').innerText(), /核验通过/)
  await v.settle()
  const events = (await z.get('auditor', `/api/v1/records/${h.id}/proof`)).items
  assert.equal(await v.page.locator('.proof tbody tr').count(), events.length)
  const said = await v.page.locator('main').innerText()
  assert.ok(!said.includes(h.title) && !said.includes(h.number))
  for (const size of SIZES) {
    await v.resize(size)
    await v.picture('proof')
  }
  v.expecting(/^404 GET \/api\/v1\/records\//)
  await v.page.locator('input[name=code]').fill('0000 0000 0000 0000')
  await v.page.getByRole('button', { name: '核验' }).click()
  assert.match(await v.page.locator('[role=alert]').first().innerText(), /没有找到/)
})

first('auditor', 'reads who signed in and who was given what', async (v) => {
  await z.ask(null, 'POST', '/api/v1/tokens', { body: { account: 'firm', password: 'not this one' } })
  await v.page.locator('.tasks a[href="/sign-ins"]').click()
  await v.settle()
  assert.match(await v.page.locator('main li').filter({ hasText: 'auditor' }).first().innerText(), /成功 · 网页/)
  await v.page.locator('main li a[href="/sign-ins?account=firm"]').first().click()
  await v.page.waitForURL(/account=firm/)
  await v.settle()
  assert.match(await v.page.locator('main li').first().innerText(), /未成功/)
  for (const size of SIZES) {
    await v.resize(size)
    await v.picture('sign-ins')
  }
  await v.go('/grants')
  const before = await v.page.locator('main li').count()
  await v.page.getByRole('button', { name: '更多' }).click()
  await v.settle()
  assert.ok(await v.page.locator('main li').count() > before)
  assert.match(await v.page.locator('main li').last().innerText(), /\d{4}-\d\d-\d\d/)
  for (const size of SIZES) {
    await v.resize(size)
    await v.picture('grants')
  }
  assert.equal(await v.page.locator('main a[href^="/record"]').count(), 0)
})

first('sysadmin', 'finds an account by its name', async (v) => {
  await v.page.locator('.tasks a[href="/accounts"]').click()
  await v.settle()
  await v.page.locator('input[name=q]').fill('officer')
  await v.page.locator('input[name=q]').press('Enter')
  await v.page.waitForURL(/\?q=/)
  await v.settle()
  assert.match(await v.page.locator('main li').first().innerText(), new RegExp(`officer[^]*${await personName('officer')}`))
  for (const size of SIZES) {
    await v.resize(size)
    await v.picture('accounts')
  }
})

first('sysadmin', 'walks places down to a township, finds a person, and has no record', async (v) => {
  assert.equal(await v.page.locator('nav.side a[href^="/ledger"]').count(), 0)
  await v.go('/places')
  await v.page.locator('.names a').filter({ hasText: '锡山区' }).first().click()
  await v.settle()
  await v.page.locator('.names a').filter({ hasText: '东亭街道' }).first().click()
  await v.settle()
  assert.equal(await v.page.locator('h1').innerText(), '东亭街道')
  const officer = await personName('officer')
  await v.go('/people')
  await v.page.locator('input[name=q]').fill(`　${officer} `)
  await v.page.locator('input[name=q]').press('Enter')
  await v.page.waitForURL(/\?q=/)
  await v.settle()
  assert.ok((await v.page.locator('main li').innerText()).includes('执法证'))
  for (const size of SIZES) {
    await v.resize(size)
    await v.picture('people')
  }
  await v.page.locator('main li a').first().click()
  await v.settle()
  assert.ok((await v.page.locator('main').innerText()).includes(officer))
  await v.go('/ledger/hazard')
  assert.equal(await count(v), '共 0 条')
})

test('every printed account is among them, and none else', async () => {
  const printed = (await readFile(new URL('../../script/accounts.txt', import.meta.url), 'utf8'))
    .split('\n').slice(2).filter(Boolean).map((line) => line.split(/\s/)[0])
  assert.deepEqual([...done.keys()].sort(), printed.sort())
})
