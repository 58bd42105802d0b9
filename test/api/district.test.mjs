// SPDX-License-Identifier: Apache-2.0
// A real district's first days over HTTP: the one link, tables of organs, objects and people, links for
// people, the rules it lacks; and what is refused.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rm } from 'node:fs/promises'
import { City, folder, json, run, serve } from './harness.mjs'
import { bookOf, partOf, rowsOf } from './sheets.mjs'
import { dropStore, newStore, POSTGRESQL, sql } from './store.mjs'

const SECRET = 'first-day-2026'
const CODE = '320205' // 锡山区
const HOUR = 3_600_000

let z
let at
let first
before(async () => {
  at = await folder()
  const db = await newStore(at, 'z')
  first = await json(['init', '--db', db, '--places', CODE, '--url', 'https://aj.example/'])
  z = new City(at, db, await serve(db))
})
after(async () => {
  await z?.server.end()
  const proof = await run(['verify', '--db', z.db, '--figures'])
  assert.equal(proof.code, 0, proof.err)
  const again = await run(['rebuild', '--db', z.db])
  assert.equal(again.code, 0, again.err)
  await dropStore(z.db)
  await rm(at, { recursive: true, force: true })
})

const tokens = new Map()
async function as(account, method, path, body) {
  if (!tokens.has(account)) {
    const signed = await z.ask(null, 'POST', '/api/v1/tokens', { body: { account, password: SECRET } })
    assert.equal(signed.status, 201, signed.text)
    tokens.set(account, signed.value.token)
  }
  return z.ask(null, method, path, { body, token: tokens.get(account) })
}

const post = (path, body) => z.ask(null, 'POST', path, { body })
const tokenOf = (link) => link.split('#')[1]

/** Sends a table and waits for its end. */
async function bring(account, kind, file, mode = 'good', name = 'table.csv') {
  const form = new FormData()
  form.set('kind', kind)
  form.set('mode', mode)
  form.set('file', new Blob([file]), name)
  const sent = await as(account, 'POST', '/api/v1/imports', form)
  if (sent.status !== 202) return sent.value
  for (;;) {
    const { value } = await as(account, 'GET', `/api/v1/imports/${sent.value.id}`)
    if (!['running', 'ending'].includes(value.state)) return value
    await new Promise((done) => setTimeout(done, 20))
  }
}

async function bytesOf(path) {
  const answer = await fetch(z.base + path, { headers: { Authorization: `Bearer ${tokens.get('office')}` } })
  assert.equal(answer.status, 200)
  return Buffer.from(await answer.arrayBuffer())
}

const counts = ({ state, taken, unchanged, refused }) => ({ state, taken, unchanged, refused })

test('the link of a new store is whole, dated and lies behind the #', () => {
  assert.match(first.link, /^https:\/\/aj\.example\/first-day#[\w-]{43}$/)
  const left = Date.parse(first.expires_at) - Date.now()
  assert.ok(left > 71 * HOUR && left < 73 * HOUR, first.expires_at)
})

test('a link says what it is for; a wrong one says what to do', async () => {
  const looked = await post('/api/v1/links', { token: tokenOf(first.link) })
  assert.equal(looked.status, 200, looked.text)
  assert.equal(looked.value.for, 'office')
  assert.equal(looked.value.place_name, '锡山区')
  const wrong = await post('/api/v1/links', { token: 'A'.repeat(43) })
  assert.equal(wrong.status, 409)
  assert.match(wrong.value.errors[0].detail, /再要一个/)
})

test('the first office keeps the rules of accounts, and its link is used once', async () => {
  const whole = { token: tokenOf(first.link), office: '锡山区安委办', name: '阎枞', account: 'office', password: SECRET }
  const refused = { password: [{ ...whole, password: 'short' }, 422], account: [{ ...whole, account: 'Office!' }, 422],
    office: [{ ...whole, office: '' }, 422], name: [{ ...whole, name: undefined }, 422],
    place: [{ ...whole, place: '110000' }, 422], extra: [{ ...whole, role: 'sysadmin' }, 422] }
  for (const [what, [body, status]] of Object.entries(refused)) {
    const answer = await post('/api/v1/links/use', body)
    assert.equal(answer.status, status, `${what}: ${answer.text}`)
    assert.equal(answer.value.errors[0].pointer, what === 'extra' ? '/role' : `/${what}`)
  }
  const used = await post('/api/v1/links/use', whole)
  assert.equal(used.status, 200, used.text)
  assert.equal(used.value.account, 'office')
  const again = await post('/api/v1/links/use', { ...whole, account: 'second' })
  assert.equal(again.status, 409)
  const me = await as('office', 'GET', '/api/v1/me')
  assert.deepEqual(me.value.posts.map((p) => [p.unit_name, p.role, p.place]), [['锡山区安委办', 'office', '320205000000']])
})

test('nothing is closed before somebody decided who verifies: the suggestion is adopted once', async () => {
  const before = await as('office', 'GET', '/api/v1/setup')
  assert.deepEqual([before.value.rules, before.value.units, before.value.tables.map((x) => x.kind)],
    [false, 1, ['unit', 'enterprise', 'person']])
  const suggested = await as('office', 'GET', '/api/v1/setup/rules')
  assert.equal(suggested.value.place, '320205000000')
  assert.ok(suggested.value.tables.verifier.rows.length > 5)
  const adopted = await as('office', 'POST', '/api/v1/setup/rules')
  assert.equal(adopted.status, 200, adopted.text)
  assert.equal((await as('office', 'POST', '/api/v1/setup/rules')).status, 409)
  assert.equal((await as('office', 'GET', '/api/v1/setup')).value.rules, true)
})

const UNITS = `单位名单,,,,
单位名称 *,单位种类,属地,条线,有行政检查权
锡山区应急管理局,部门,320205,应急,是
东亭街道应急办,乡镇（街道）机构,东亭街道,,
`

test('organs come in; the same table again changes nothing', async () => {
  assert.deepEqual(counts(await bring('office', 'unit', UNITS)), { state: 'done', taken: 2, unchanged: 0, refused: 0 })
  assert.deepEqual(counts(await bring('office', 'unit', UNITS)), { state: 'done', taken: 0, unchanged: 2, refused: 0 })
  const found = await as('office', 'GET', '/api/v1/units?place=320205')
  assert.equal(found.value.items.filter((u) => u.name === '锡山区应急管理局').length, 1)
})

test('bad rows come back beside their reasons; all or none takes none', async () => {
  const mixed = `单位名称,单位种类,属地,条线,颜色
锡山区住建局,部门,320205,住建,
锡山区商务局,部门,320205,,
城外应急局,部门,北京市,应急,
,部门,320205,应急,
`
  const none = await bring('office', 'unit', mixed, 'all')
  assert.deepEqual(counts(none), { state: 'done', taken: 0, unchanged: 0, refused: 3 })
  const some = await bring('office', 'unit', mixed)
  assert.deepEqual(counts(some), { state: 'done', taken: 1, unchanged: 0, refused: 3 })
  assert.match(some.detail, /颜色/)
  const report = await as('office', 'GET', some.report)
  assert.equal(report.status, 200)
  assert.match(report.headers.get('content-type'), /spreadsheetml/)
  // Mended in the file that came back, only the mended rows are new.
  const back = rowsOf(await bytesOf(some.report))
  const head = back.findIndex((row) => row[0].startsWith('单位名称'))
  const reasons = back.slice(head + 1).map((row) => row.at(-1))
  assert.deepEqual(reasons.map((r) => /第 (\d+) 行/.exec(r)[1]), ['3', '4', '5'])
  assert.match(reasons[0], /条线：部门须写明条线/)
  assert.match(reasons[1], /属地：/)
  assert.match(reasons[2], /单位名称：必填/)
  back[head + 1][3] = '商务'
  const mended = await bring('office', 'unit', bookOf(back.slice(0, head + 2)), 'all', 'mended.xlsx')
  assert.deepEqual([counts(mended), mended.detail], [{ state: 'done', taken: 1, unchanged: 0, refused: 0 }, null])
})

const FIRMS = `属地,名称,主体类型,统一社会信用代码,行业,从业人员数,一人店,规模以上,地址,联系电话
东亭街道,锡山木业有限公司,企业,91350100M000100Y43,20 木材加工和木、竹、藤、棕、草制品业,１２0,否,是,东亭路 1 号,0510-1234
东亭街道,坏代码公司,企业,91350100M000100Y44,20 木材加工和木、竹、藤、棕、草制品业,12,否,否,,
东亭街道,老王小店,个体工商户,,餐饮业,1,是,否,,
`

test('objects of supervision come in by their profile, credit codes checked', async () => {
  const taken = await bring('office', 'enterprise', FIRMS)
  assert.deepEqual(counts(taken), { state: 'done', taken: 2, unchanged: 0, refused: 1 })
  assert.deepEqual(counts(await bring('office', 'enterprise', FIRMS)), { state: 'done', taken: 0, unchanged: 2, refused: 1 })
  const { value } = await as('office', 'GET', '/api/v1/records?kind=enterprise')
  assert.deepEqual(value.items.map((r) => r.fields.headcount).sort((a, b) => a - b), [1, 120])
})

const PEOPLE = `姓名,账号,单位,岗位,证件种类,证号,有效期至
顾舟,guzhou,锡山区应急管理局,执法人员,行政执法证,苏B000001,2030/12/31
陆行,luxing,锡山区应急管理局,部门负责人,,,
木森,musen,锡山木业有限公司,安全员,,,
坏人,guzhou,锡山区应急管理局,执法人员,,,
`

test('people get accounts without a password, and a link each to choose it', async () => {
  const taken = await bring('office', 'person', PEOPLE)
  assert.deepEqual(counts(taken), { state: 'done', taken: 3, unchanged: 0, refused: 1 })
  assert.equal((await z.ask(null, 'POST', '/api/v1/tokens', { body: { account: 'guzhou', password: '' } })).status, 401)
  const { value } = await as('office', 'POST', '/api/v1/setup/links')
  assert.deepEqual(value.items.map((l) => l.account).sort(), ['guzhou', 'luxing', 'musen'])
  const link = value.items.find((l) => l.account === 'guzhou')
  // A link is no session.
  assert.equal((await z.ask(null, 'GET', '/api/v1/me', { token: link.token })).status, 401)
  const looked = await post('/api/v1/links', { token: link.token })
  assert.deepEqual([looked.value.for, looked.value.name, looked.value.account], ['account', '顾舟', 'guzhou'])
  assert.equal((await post('/api/v1/links/use', { token: link.token, password: 'kurz' })).status, 422)
  assert.equal((await post('/api/v1/links/use', { token: link.token, password: SECRET })).status, 200)
  assert.equal((await post('/api/v1/links/use', { token: link.token, password: SECRET })).status, 409)
  const me = await as('guzhou', 'GET', '/api/v1/me')
  assert.equal(me.value.posts[0].role, 'inspector')
  // Handed out anew, the earlier ones are gone.
  const anew = await as('office', 'POST', '/api/v1/setup/links')
  assert.deepEqual(anew.value.items.map((l) => l.account).sort(), ['luxing', 'musen'])
  const old = value.items.find((l) => l.account === 'luxing')
  assert.equal((await post('/api/v1/links', { token: old.token })).status, 409)
})

test('a link goes to nobody whose post the office does not keep', async () => {
  const organs = '单位名称,单位种类,属地\n东亭街道安委办,安委办,东亭街道\n'
  assert.equal((await bring('office', 'unit', organs)).taken, 1)
  const people = `姓名,账号,单位,岗位
言青,yanqing,东亭街道安委办,安委办
双任,shuangren,东亭街道应急办,乡镇（街道）应急办
双任,shuangren,锡山区应急管理局,部门负责人
单任,danren,东亭街道应急办,乡镇（街道）应急办
`
  assert.deepEqual(counts(await bring('office', 'person', people)), { state: 'done', taken: 4, unchanged: 0, refused: 0 })
  const all = await as('office', 'POST', '/api/v1/setup/links')
  const link = all.value.items.find((l) => l.account === 'yanqing')
  assert.ok(all.value.items.some((l) => l.account === 'shuangren'), all.text)
  assert.equal((await post('/api/v1/links/use', { token: link.token, password: SECRET })).status, 200)
  const own = await as('yanqing', 'POST', '/api/v1/setup/links')
  // The safety officer of a company of the street is the street's to bring in; a head of the district's is not.
  assert.deepEqual(own.value.items.map((l) => l.account).sort(), ['danren', 'musen'])
})

test('no office chooses who watches over it, and nobody gives himself a post', async () => {
  const me = (await as('office', 'GET', '/api/v1/me')).value
  const titles = { auditor: '审计员', sysadmin: '系统管理员' }
  for (const role of [...Object.keys(titles), ...Object.values(titles)]) {
    const watcher = `姓名,账号,单位,岗位\n言白,yanbai,东亭街道安委办,${role}\n`
    assert.deepEqual(counts(await bring('office', 'person', watcher)), { state: 'done', taken: 0, unchanged: 0, refused: 1 }, role)
  }
  const own = `姓名,账号,单位,岗位\n${me.name},office,锡山区应急管理局,部门负责人\n`
  assert.deepEqual(counts(await bring('office', 'person', own)), { state: 'done', taken: 0, unchanged: 0, refused: 1 })
  assert.deepEqual((await as('office', 'GET', '/api/v1/me')).value.posts, me.posts)
})

test('who keeps nothing brings nothing in', async () => {
  for (const path of ['/api/v1/setup', '/api/v1/templates/unit']) assert.equal((await as('guzhou', 'GET', path)).status, 403)
  const form = new FormData()
  form.set('kind', 'unit')
  form.set('file', new Blob([UNITS]), 'a.csv')
  assert.equal((await as('guzhou', 'POST', '/api/v1/imports', form)).status, 403)
  assert.equal((await as('guzhou', 'POST', '/api/v1/setup/links')).status, 403)
})

test('what is no table is refused with words, and imports are their owner\'s', async () => {
  // A workbook whose directory claims four gigabytes is not unpacked to see.
  const bomb = bookOf([['单位名称']])
  bomb.writeUInt32LE(0xfffffffe, bomb.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1')) + 24)
  const bad = [[bomb, /上限/], [Buffer.from('MZ\x90\0'), /程序/], [Buffer.from('PK\x03\x04 broken'), /损坏/], ['a,b\n1,2\n', /表头/]]
  for (const [file, words] of bad) {
    const done = await bring('office', 'unit', file)
    assert.equal(done.state, 'failed')
    assert.match(done.detail, words)
  }
  const mine = await as('office', 'GET', '/api/v1/imports')
  assert.ok(mine.value.items.length >= 3)
  assert.equal((await as('guzhou', 'GET', `/api/v1/imports/${mine.value.items[0].id}`)).status, 404)
  const form = new FormData()
  form.set('kind', 'unit')
  assert.equal((await as('office', 'POST', '/api/v1/imports', form)).status, 422)
  form.set('file', new Blob(['x']), 'a.csv')
  form.set('kind', 'nothing')
  assert.equal((await as('office', 'POST', '/api/v1/imports', form)).status, 422)
})

test('every template is a workbook whose choices are of this moment', async () => {
  for (const [kind, choice] of [['unit', '320205001000 东亭街道'], ['person', '锡山木业有限公司（东亭街道）'], ['enterprise', '20 木材加工和木、竹、藤、棕、草制品业']]) {
    const book = await bytesOf(`/api/v1/templates/${kind}`)
    assert.match(partOf(book, 'xl/worksheets/sheet1.xml'), /<dataValidation type="list"/)
    const lists = ['sheet2', 'sheet3'].map((name) => partOf(book, `xl/worksheets/${name}.xml`) ?? '').join('')
    assert.ok(lists.includes(choice), `${kind} offers ${choice}`)
    const done = await bring('office', kind, book, 'good', 'empty.xlsx')
    assert.equal(done.state, 'failed', 'an empty template says that it is empty')
    assert.match(done.detail, /没有数据/)
  }
})

test('imports side by side count each row once', async () => {
  const table = (name, n) => `单位名称,单位种类,属地\n${Array.from({ length: n }, (_, i) => `${name}${i}组,督导组,320205`).join('\n')}\n`
  // Of unlike lengths: the trials of the long ones, which are undone, stand in the queue beside what the short ones keep.
  const sizes = { 甲: 130, 乙: 450, 丙: 900, 丁: 1300 }
  const ended = await Promise.all(Object.entries(sizes).map(([name, n]) => bring('office', 'unit', table(name, n))))
  const taken = Object.values(sizes)
  assert.deepEqual(ended.map(counts), taken.map((n) => ({ state: 'done', taken: n, unchanged: 0, refused: 0 })))
})

test('a long table tells how far it is, ends when asked, and goes on from there', async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => ['东亭街道', `第${i}号小店`, '餐饮业', '1', '是'])
  const form = new FormData()
  form.set('kind', 'enterprise')
  form.set('file', new Blob([bookOf([['属地', '名称', '行业', '从业人员数', '一人店'], ...rows])]), 'many.xlsx')
  const sent = await as('office', 'POST', '/api/v1/imports', form)
  assert.equal(sent.status, 202, sent.text)
  assert.equal(sent.headers.get('location'), `/api/v1/imports/${sent.value.id}`)
  const ended = await as('office', 'DELETE', `/api/v1/imports/${sent.value.id}`)
  assert.match(ended.value.state, /^(ending|halted)$/)
  let now
  do ({ value: now } = await as('office', 'GET', `/api/v1/imports/${sent.value.id}`)); while (now.state === 'ending' || now.state === 'running')
  assert.equal(now.state, 'halted')
  assert.ok(now.taken < rows.length)
})

test('a server that ends half-way leaves an import that says so, and nothing doubled', async () => {
  const rows = Array.from({ length: 2000 }, (_, i) => ['东亭街道', `第${i}号作坊`, '餐饮业', '1', '是'])
  const book = bookOf([['属地', '名称', '行业', '从业人员数', '一人店'], ...rows])
  const form = new FormData()
  form.set('kind', 'enterprise')
  form.set('file', new Blob([book]), 'many.xlsx')
  const sent = await as('office', 'POST', '/api/v1/imports', form)
  for (let taken = 0; taken === 0;) ({ value: { taken } } = await as('office', 'GET', `/api/v1/imports/${sent.value.id}`))
  await z.server.end('SIGKILL')
  // Where several may serve one store, a minute without a sign of life is waited for: it is made to have passed.
  if (POSTGRESQL) await sql(z.db, "UPDATE desk_import SET seen_at = seen_at - 61000 WHERE state = 'running'")
  z.server = await serve(z.db)
  z.base = z.server.base
  const broken = await as('office', 'GET', `/api/v1/imports/${sent.value.id}`)
  assert.equal(broken.value.state, 'interrupted', broken.text)
  assert.match(broken.value.detail, /不会重复/)
  const again = await bring('office', 'enterprise', book, 'good', 'many.xlsx')
  assert.equal(again.taken + again.unchanged, rows.length)
  assert.ok(again.unchanged > 0)
})

test('an expired link is as good as none, and an administrator makes another', async () => {
  await z.server.end()
  const made = await json(['user', 'link', '--db', z.db, '--account', 'luxing', '--now', '2026-01-01T00:00:00+08:00'])
  assert.equal((await run(['user', 'link', '--db', z.db])).code, 1)
  const organ = await json(['unit', 'add', '--db', z.db, '--sort', 'department', '--name', '锡山区消防救援大队', '--place', CODE, '--line', 'fire', '--inspects'])
  assert.match(organ.unit, /^u\d+$/)
  const [{ powers }] = await sql(z.db, "SELECT powers FROM org_unit WHERE name = '锡山区消防救援大队'")
  assert.equal(powers, '["inspection"]', 'the power that the condition of a visit reads')
  z.server = await serve(z.db)
  z.base = z.server.base
  assert.equal((await post('/api/v1/links', { token: tokenOf(made.link) })).status, 409)
})

test('whose account is closed gets no post by a table', async () => {
  await z.server.end()
  assert.equal((await run(['user', 'close', '--db', z.db, '--account', 'musen'])).code, 0)
  z.server = await serve(z.db)
  z.base = z.server.base
  const moved = await bring('office', 'person', '姓名,账号,单位,岗位\n木森,musen,东亭街道应急办,乡镇（街道）应急办\n')
  assert.deepEqual(counts(moved), { state: 'done', taken: 0, unchanged: 0, refused: 1 })
})

test('the first link takes no account that somebody has by then', async () => {
  const db = await newStore(at, 'late')
  const made = await json(['init', '--db', db, '--places', CODE])
  const organ = await json(['unit', 'add', '--db', db, '--sort', 'office', '--name', '锡山区安委办', '--place', CODE])
  const user = await run(['user', 'add', '--db', db, '--account', 'taken', '--name', '先任', '--unit', organ.unit, '--role', 'office', '--password-stdin'],
    { input: `${SECRET}\n` })
  assert.equal(user.code, 0, user.err)
  const server = await serve(db)
  const late = new City(at, db, server)
  try {
    const body = { token: tokenOf(made.link), office: '另一个安委办', name: '后来', account: 'taken', password: `${SECRET}-other` }
    const refused = await late.ask(null, 'POST', '/api/v1/links/use', { body })
    assert.deepEqual([refused.status, refused.value.errors?.[0].pointer], [422, '/account'], refused.text)
    const signed = await late.ask(null, 'POST', '/api/v1/tokens', { body: { account: 'taken', password: SECRET } })
    assert.equal(signed.status, 201, signed.text)
  } finally {
    await server.end()
    await dropStore(db)
  }
})
