// SPDX-License-Identifier: Apache-2.0
// Tours through the pages as people make them, at both sizes: an inspector's visit with six findings
// to their closure and the look back, and a one-person shop's self-check to its closure.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSWORD, picture, restart, start } from '../api/harness.mjs'
import { open, SIZES, visit } from './visitor.mjs'

let z
let browser
before(async () => {
  z = await start()
  browser = await open()
})
after(async () => {
  await browser?.close()
  await z?.stop()
})

/** Lets somebody do something in a window of their own. */
async function as(account, size, act) {
  const v = await visit(browser, z.base, size)
  try {
    await v.signIn(account, PASSWORD)
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

async function nameOf(account) {
  const me = await z.get(account, '/api/v1/me')
  return { person: me.name, unit: me.posts[0].unit_name }
}

const lookBacks = []

const DAY = 86_400_000
const day = (n) => new Date(Date.now() + 8 * 3_600_000 + n * DAY).toISOString().slice(0, 10)

// Six findings as an inspector would write them; the last is major, by a clause in force.
const FINDINGS = [
  { description: '喷漆房配电箱无门，作业区导线未穿管', spot: '喷漆房', measures: '更换箱门，导线穿管，由持证电工签字', days: '15 日' },
  { description: '疏散通道堆放板材，净宽不足 0.8 米', spot: '二车间', measures: '清运板材，划线并每班检查', days: '3 日' },
  { description: '除尘管道清灰记录缺最近一周', spot: '除尘间', measures: '补齐清灰制度，指定专人每班清灰', days: '7 日' },
  { description: '台锯防护罩拆除未恢复', spot: '开料区', measures: '恢复防护罩，未装前停用', days: '3 日' },
  { description: '灭火器压力不足 3 具', spot: '成品库', measures: '更换灭火器，建立月检卡', days: '15 日' },
  { description: '干式除尘系统未设泄爆装置', spot: '除尘间', measures: '按设计加装泄爆片和隔爆阀，验收后恢复', days: '30 日', clause: 'GM-FC-03' },
]

async function writeFinding(v, sheet, i, owner) {
  const f = FINDINGS[i]
  await sheet.locator('.row-add').click()
  const row = sheet.locator('.row-card').nth(i)
  await v.write('description', f.description, row)
  await v.write('spot', f.spot, row)
  await v.attach('photos', picture(), row)
  await v.press('level', f.clause ? '重大' : '一般', row)
  if (f.clause) {
    await v.choose('clause', f.clause, row)
    await v.choose('interim', '停用设备设施', row)
  }
  await v.choose('owner_person', owner, row)
  await v.write('measures', f.measures, row)
  await v.press('deadline', f.days, row)
}

async function planVisit(size, firm) {
  const [bureau, officer] = [await nameOf('bureau'), await nameOf('officer')]
  return as('bureau', size, async (v) => {
    await v.go('/new/visit')
    await v.choose('mode', '行政检查')
    await v.choose('enterprise', firm.unit)
    await v.choose('team', [bureau.person, officer.person])
    await v.choose('lead', bureau.person)
    await v.picture('visit-new')
    const at = await v.send()
    assert.equal(await v.state(), 'planned')
    // Nobody begins before a head of the unit approved it.
    assert.equal(await v.page.locator('.acts button[data-step=record]').count(), 0)
    return at
  })
}

async function recordVisit(at, size, firm) {
  return as('officer', size, async (v) => {
    await v.go(at)
    const state = await v.step('record', async (sheet) => {
      await v.press('result', '发现隐患', sheet)
      for (let i = 0; i < FINDINGS.length; i++) await writeFinding(v, sheet, i, firm.person)
      await v.write('lead_note', '检查喷漆房、开料区、除尘间和成品库', sheet)
      await v.attach('signed', picture(), sheet)
      await v.picture('visit-findings')
    })
    assert.equal(state, 'following')
    await v.picture('visit')
    const found = await v.page.$$eval('.links a[href^="/record/"]', (as) => as.map((a) => a.getAttribute('href')))
    assert.equal(found.length, FINDINGS.length, 'six hazards came of the six rows')
    return found
  })
}

/** The hazards of a visit by their descriptions. */
async function sortedOut(found) {
  const records = await Promise.all(found.map((path) => z.get('bureau', `/api/v1/records/${path.split('/').pop()}`)))
  return FINDINGS.map((f) => records.find((r) => r.fields.description === f.description))
}

// What each paper must say: title, then the law's words.
const PAPERS = {
  visit: ['检查（巡查）记录', '证号 苏', '现场负责人', '签名、证号'],
  order: ['整改通知单', '第六十五条', '行政复议', '人民法院', '签名、证号', '送达日期', '签收时间'],
  reinspection: ['复查记录', '复查意见', '签名、证号'],
}

/** A paper opened from its record: whose it is, what the law asks, one sheet, a name that proves it. */
async function readPaper(v, record, name) {
  const [title, ...words] = PAPERS[name]
  await v.go(record)
  const link = v.page.locator('a[href^="/print/"]').filter({ hasText: title })
  assert.equal(await link.count(), 1, 'one paper of this name applies')
  await v.go(await link.getAttribute('href'))
  assert.ok(await v.page.getByText('演示数据', { exact: true }).isVisible(), 'the paper says what it is')
  const said = await v.page.locator('article').innerText()
  const missing = ['锡山区应急管理局', '核验码', ...words].filter((w) => !said.includes(w))
  assert.deepEqual(missing, [], `${title} says what it must`)
  assert.ok(await v.sheets() <= 2, 'it fits its sheets')
  await v.picture(`print-${name}`, { whole: true })
}

for (const size of SIZES) {
  test(`an inspector's visit with six findings, mended and closed, looked back at (${size.name})`, async () => {
    const firm = await nameOf('firm')
    const at = await planVisit(size, firm)
    await as('chief', size, async (v) => {
      await v.picture('home-chief')
      await v.page.locator(`a[href="${at}"]:visible`).first().click()
      assert.equal(await v.step('approve', (sheet) => v.write('approval_note', '同意', sheet)), 'approved')
    })
    const hazards = await sortedOut(await recordVisit(at, size, firm))
    assert.deepEqual(hazards.map((h) => h.state), ['rectifying', 'rectifying', 'rectifying', 'rectifying', 'rectifying', 'planning'])
    assert.deepEqual(hazards.map((h) => h.fields.deadline), [15, 3, 7, 3, 15, 30].map(day))

    await as('firm', size, async (v) => {
      await v.picture('home-firm')
      for (const h of hazards.slice(0, 5)) {
        await v.go(`/record/${h.id}`)
        assert.equal(await v.step('apply', async (sheet) => {
          await v.attach('after_photos', picture(), sheet)
          await v.write('result', '已按要求整改，见照片', sheet)
          if (h === hazards[0]) await v.picture('step')
        }), 'applied')
      }
      await v.go(`/record/${hazards[5].id}`)
      assert.equal(await v.step('plan', async (sheet) => {
        await v.write('plan_goal', '消除粉尘爆炸条件', sheet)
        await v.write('plan_methods', '加装泄爆片和隔爆阀，清理积尘', sheet)
        await v.write('plan_funds', '12 万元，设备已订', sheet)
        await v.write('plan_people', '安全员牵头，设备科两人', sheet)
        await v.write('plan_schedule', '二十五日内完成', sheet)
        await v.write('plan_safety', '停线封存，设专人看守，备灭火器材', sheet)
        await v.picture('step-plan')
      }), 'rectifying')
      await v.step('double_report', async (sheet) => {
        await v.write('reported_organ_on', day(0), sheet)
        await v.page.keyboard.press('Enter')
        await v.write('reported_workers_on', day(0), sheet)
        await v.page.keyboard.press('Enter')
      })
    })
    await as('boss', size, async (v) => {
      await v.go(`/record/${hazards[5].id}`)
      await v.step('accept', async (sheet) => {
        await v.attach('acceptance', picture(), sheet)
        await v.write('acceptance_by', '外请专家三人', sheet)
      })
    })
    await as('firm', size, async (v) => {
      await v.go(`/record/${hazards[5].id}`)
      assert.equal(await v.step('apply', async (sheet) => {
        await v.attach('after_photos', picture(), sheet)
        await v.write('result', '泄爆片、隔爆阀已装并测试', sheet)
      }), 'applied')
    })
    await as('bureau', size, async (v) => {
      await v.picture('home')
      await v.go('/ledger?mine=verify')
      await v.picture('todo')
      for (const h of hazards) {
        await v.go(`/record/${h.id}`)
        if (h === hazards[5]) await v.picture('hazard-applied')
        assert.equal(await v.step('verify', async (sheet) => {
          await v.write('opinion', '现场核对，已整改到位', sheet)
          await v.attach('check_photos', picture(), sheet)
        }), 'closed')
      }
      await v.picture('hazard-closed')
      // The visit ends by itself when its last finding has.
      await v.go(at)
      assert.equal(await v.state(), 'closed')
      for (const [path, name] of [[at, 'visit'], [`/record/${hazards[5].id}`, 'order'], [`/record/${hazards[5].id}`, 'reinspection']]) {
        await readPaper(v, path, name)
      }
    })
    lookBacks.push({ size, hazard: hazards[5] })
  })

  test(`a one-person shop's self-check, reported done, looked at and closed (${size.name})`, async () => {
    const shop = await nameOf('shop')
    const at = await as('shop', size, async (v) => {
      await v.go('/new/visit')
      await v.choose('mode', '企业自查')
      await v.choose('enterprise', shop.unit)
      await v.press('led_by_head', '是')
      await v.press('result', '发现隐患')
      await v.page.locator('.row-add').click()
      const row = v.page.locator('.row-card').first()
      await v.write('description', `灶台软管超过两米且未装熔断阀（${size.name}）`, row)
      await v.write('spot', '灶间', row)
      await v.attach('photos', picture(), row)
      await v.choose('mender', shop.person, row)
      await v.attach('after_photos', picture(), row)
      await v.picture('self-check')
      await v.send()
      assert.equal(await v.state(), 'following')
      await v.page.locator('.links a[href^="/record/"]').first().click()
      // His own word ends nothing: it waits for the township's look.
      assert.equal(await v.state(), 'self_reported')
      assert.equal(await v.page.locator('.acts button[data-step=look]').count(), 0)
      await v.picture('self-reported')
      return new URL(v.page.url()).pathname
    })
    await as('township', size, async (v) => {
      await v.picture('home-township')
      await v.page.locator(`a[href="${at}"]:visible`).first().click()
      assert.equal(await v.step('look', async (sheet) => {
        await v.attach('check_photos', picture(), sheet)
        await v.write('opinion', '已换短管并装熔断阀', sheet)
      }), 'closed')
    })
    await as('shop', size, async (v) => {
      await v.go(at)
      assert.equal(await v.state(), 'closed')
    })
  })
}

test('ninety days on, the major ones are looked back at one level up', async () => {
  const { items } = await z.get('office', '/api/v1/records?kind=lookback&state=due&limit=50')
  const mine = lookBacks.map(({ size, hazard }) => ({ size, hazard, due: items.filter((r) => r.fields.subject === hazard.id) }))
  for (const { due } of mine) {
    assert.equal(due.length, 1, 'one look back was arranged')
    assert.ok(due[0].due.startsWith(day(90)), `due ${due[0].due}`)
  }
  // It lies one level above who closed it: an officer of the city's emergency bureau goes and looks.
  const desk = mine[0].due[0].desk
  await restart(z, async () => {
    const done = await z.run(['tick', '--now', `${day(91)}T08:00:00+08:00`])
    assert.equal(done.code, 0, done.err)
    const added = await z.run(['user', 'add', '--account', 'above', '--name', '顾舟', '--unit', desk,
      '--role', 'inspector', '--password-stdin'], { input: `${PASSWORD}\n` })
    assert.equal(added.code, 0, added.err)
  })
  for (const { size, due: [found] } of mine) {
    await as('above', size, async (v) => {
      await v.picture('home-late')
      await v.go(`/record/${found.id}`)
      await v.picture('lookback')
      assert.equal(await v.step('hold', async (sheet) => {
        await v.attach('photos', picture(), sheet)
        await v.write('opinion', '泄爆装置完好，清灰记录连续', sheet)
      }), 'held')
    })
  }
})
