// SPDX-License-Identifier: Apache-2.0
// The routes other people's scripts rely on, each walked through on a small city.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSWORD, picture, problem, start } from './harness.mjs'

let z
before(async () => { z = await start() })
after(async () => { await z.stop() })

const NEVER = '0000000000000000'
const RECORD = ['id', 'number', 'kind', 'place', 'line', 'responsible_unit', 'desk', 'state', 'level', 'cycle',
  'due', 'title', 'fields', 'revision', 'created_at', 'closed_at']
const EVENT = ['seq', 'at', 'actor', 'post', 'unit', 'step', 'from', 'to', 'fields', 'definition', 'edition',
  'digest_name', 'digest']

const day = (shift) => new Date(Date.now() + 8 * 3600_000 + shift * 86_400_000).toISOString().slice(0, 10)
const today = () => day(0)

async function found(account = 'firm', more = {}) {
  const me = await z.self(account)
  return z.make(account, 'hazard', me.place, {
    enterprise: me.unit, source: 'self', found_on: today(), description: '灭火器压力不足，未及时更换', ...more,
  })
}

function concrete(path) {
  return path.replace(/\{[^}]+\}/g, NEVER)
}

test('every described route that needs a sign-in answers 401 without one, before anything else', async () => {
  const { paths } = await z.get(null, '/api/v1/openapi.json')
  let walked = 0
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { security }] of Object.entries(methods)) {
      const body = method === 'post' ? '{}' : undefined
      const answer = await z.ask(null, method.toUpperCase(), concrete(path), { body })
      if (security.length) problem(answer, 401)
      else assert.ok(answer.status < 500 && answer.status !== 404, `${method} ${path}: ${answer.text}`)
      walked += 1
    }
  }
  assert.ok(walked > 25, `${walked} routes`)
})

test('every described route answers a signed-in caller without an internal error', async () => {
  const { paths } = await z.get(null, '/api/v1/openapi.json')
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      if (path === '/api/v1/session') continue // ends the token it is asked with
      if (path === '/api/v1/live') continue // has no end: live.test.mjs
      const answer = await z.ask('bureau', method.toUpperCase(), concrete(path), { body: method === 'post' ? '{}' : undefined })
      assert.ok(answer.status < 500, `${method} ${path}: ${answer.status} ${answer.text}`)
      if (answer.status >= 400) problem(answer, answer.status)
    }
  }
})

test('a path that is none is 404, another method 405 with Allow, HEAD is GET without its body', async () => {
  problem(await z.ask('bureau', 'GET', '/api/v1/nothing'), 404)
  problem(await z.ask('bureau', 'GET', '/api/v2/me'), 404)
  const other = await z.ask('bureau', 'PATCH', '/api/v1/records')
  problem(other, 405)
  assert.equal(other.headers.get('allow'), 'GET, HEAD, POST')
  const get = await z.ask('bureau', 'GET', '/api/v1/places')
  const head = await z.ask('bureau', 'HEAD', '/api/v1/places')
  assert.equal(head.status, 200)
  assert.equal(head.text, '')
  assert.equal(head.headers.get('content-type'), get.headers.get('content-type'))
})

test('tokens: a wrong password and an account that never was answer the same', async () => {
  const wrong = await z.post(null, '/api/v1/tokens', { account: 'bureau', password: 'not-the-password' })
  const nobody = await z.post(null, '/api/v1/tokens', { account: 'nobody', password: 'not-the-password' })
  problem(wrong, 401)
  assert.equal(wrong.headers.get('www-authenticate'), 'Bearer')
  assert.equal(wrong.text, nobody.text)
  problem(await z.post(null, '/api/v1/tokens', { account: 'bureau' }), 422, '/password')
})

test('a problem speaks the language asked for', async () => {
  const english = await z.ask(null, 'GET', '/api/v1/me', { headers: { 'Accept-Language': 'en-GB,en;q=0.9' } })
  const chinese = await z.ask(null, 'GET', '/api/v1/me')
  assert.equal(problem(english, 401).title, 'Unauthorized')
  assert.equal(problem(chinese, 401).title, '需要登录')
})

test('a browser session: the cookie is closed to scripts and other sites, and writes need Zhiben-Page', async () => {
  const body = { account: 'chief', password: 'harness-2026-pass' }
  problem(await z.post(null, '/api/v1/session', body), 403)
  const made = await z.post(null, '/api/v1/session', body, { 'Zhiben-Page': '1' })
  assert.equal(made.status, 201)
  assert.ok(!/token/.test(made.text), 'the token is in the cookie alone')
  const set = made.headers.get('set-cookie')
  for (const mark of ['zhiben=', 'HttpOnly', 'SameSite=Strict', 'Path=/']) assert.ok(set.includes(mark), set)
  assert.ok(!set.includes('Secure'))
  const cookie = { Cookie: set.split(';')[0] }
  const me = await z.ask(null, 'GET', '/api/v1/me', { headers: cookie })
  assert.equal(me.value.account, 'chief')
  problem(await z.post(null, '/api/v1/records', { kind: 'hazard' }, cookie), 403)
  problem(await z.ask(null, 'DELETE', '/api/v1/session', { headers: cookie }), 403)
  const ended = await z.ask(null, 'DELETE', '/api/v1/session', { headers: { ...cookie, 'Zhiben-Page': '1' } })
  assert.equal(ended.status, 204)
  problem(await z.ask(null, 'GET', '/api/v1/me', { headers: cookie }), 401)
})

test('a session behind https is marked Secure', async () => {
  const made = await z.post(null, '/api/v1/session', { account: 'chief', password: 'harness-2026-pass' },
    { 'Zhiben-Page': '1', 'X-Forwarded-Proto': 'https' })
  assert.match(made.headers.get('set-cookie'), /; Secure/)
})

test('me, people, places, units: what forms are filled from', async () => {
  const me = await z.get('bureau', '/api/v1/me')
  assert.equal(me.account, 'bureau')
  assert.equal(me.posts[0].role, 'inspector')
  const people = await z.get('bureau', `/api/v1/people?unit=${me.posts[0].unit}`)
  assert.ok(people.items.some((p) => p.id === me.person))
  const districts = await z.get('office', '/api/v1/places?parent=320200000000')
  assert.ok(districts.items.length >= 5)
  const one = await z.get('office', `/api/v1/places/${districts.items[0].code}`)
  assert.equal(one.name, districts.items[0].name)
  const units = await z.get('bureau', '/api/v1/units')
  const unit = await z.get('bureau', `/api/v1/units/${units.items[0].id}`)
  assert.equal(unit.name, units.items[0].name)
})

test('places, units and people are found by name and by the initials of its pinyin, in any case and width', async () => {
  const found = async (path, q) => (await z.get('bureau', `/api/v1/${path}?q=${encodeURIComponent(q)}`)).items.map((i) => i.name)
  for (const q of ['华砚', 'hy', 'HY', 'ｈｙ']) assert.ok((await found('people', q)).includes('华砚'), `people by ${q}`)
  assert.deepEqual(await found('people', 'hyzzz'), [])
  const { items } = await z.get('bureau', '/api/v1/units')
  const bureau = items.find((u) => u.name === '锡山区应急管理局')
  for (const q of ['应急管理局', 'xsqyjglj', 'XSQYJGLJ']) assert.ok((await found('units', q)).includes(bureau.name), `units by ${q}`)
  for (const q of ['锡山区', 'xsq', 'XSQ', '320205']) assert.ok((await found('places', q)).includes('锡山区'), `places by ${q}`)
  for (const path of ['people', 'units', 'places']) assert.deepEqual(await found(path, '%'), [], `${path}: % is a character`)
})

test('kinds: every definition in force with its fields, states and steps, and one version of it', async () => {
  const { items } = await z.get('firm', '/api/v1/kinds')
  assert.ok(items.length >= 5)
  for (const kind of items) {
    for (const name of ['kind', 'version', 'title', 'fields', 'states', 'steps', 'clocks', 'figures']) {
      assert.ok(name in kind, `${kind.kind} has ${name}`)
    }
    assert.equal(kind.fields.type, 'object')
  }
  const { version } = items.find((kind) => kind.kind === 'hazard')
  assert.equal((await z.get('firm', `/api/v1/kinds/hazard?version=${version}`)).version, version)
  problem(await z.ask('firm', 'GET', '/api/v1/kinds/hazard?version=x'), 422, '/version')
  problem(await z.ask('firm', 'GET', '/api/v1/kinds/hazard?version=999'), 404)
  problem(await z.ask('firm', 'GET', '/api/v1/kinds/never_was'), 404)
})

test('who has signed out writes nothing more with that session, on whichever worker knew him', async () => {
  const me = await z.self('firm')
  const opened = await z.post(null, '/api/v1/session', { account: 'firm', password: PASSWORD }, { 'Zhiben-Page': '1' })
  const cookie = { Cookie: opened.headers.get('set-cookie').split(';')[0], 'Zhiben-Page': '1' }
  const make = () => z.post(null, '/api/v1/records', { kind: 'hazard', place: me.place,
    fields: { enterprise: me.unit, source: 'self', found_on: today(), description: '通道堆物' } }, cookie)
  for (const done of await Promise.all(Array.from({ length: 24 }, make))) assert.equal(done.status, 201, done.text)
  assert.equal((await z.ask(null, 'DELETE', '/api/v1/session', { headers: cookie })).status, 204)
  for (const late of await Promise.all(Array.from({ length: 24 }, make))) problem(late, 401)
})

test('a record is made, read, listed, its events and steps shown', async () => {
  const me = await z.self('firm')
  const answer = await z.post('firm', '/api/v1/records', {
    kind: 'hazard', place: me.place,
    fields: { enterprise: me.unit, source: 'self', found_on: today(), description: '配电箱前堆放物料' },
  })
  assert.equal(answer.status, 201, answer.text)
  const record = answer.value
  assert.equal(answer.headers.get('location'), `/api/v1/records/${record.id}`)
  assert.equal(answer.etag, `"${record.revision}"`)
  for (const name of RECORD) assert.ok(name in record, name)
  assert.equal(record.responsible_unit, me.unit)
  const read = await z.ask('firm', 'GET', `/api/v1/records/${record.id}`)
  assert.equal(read.etag, answer.etag)
  assert.equal(read.value.fields.description, '配电箱前堆放物料')
  const list = await z.get('firm', '/api/v1/records?kind=hazard&limit=200')
  assert.ok(list.items.some((r) => r.id === record.id))
  assert.ok('next' in list && 'total' in list)
  const events = await z.get('firm', `/api/v1/records/${record.id}/events`)
  for (const name of EVENT) assert.ok(name in events.items[0], name)
  assert.ok(!('previous' in events.items[0]) && !('stream' in events.items[0]), 'positions are for auditors')
  const steps = await z.get('firm', `/api/v1/records/${record.id}/steps`)
  assert.ok(steps.items.length > 0)
  for (const step of steps.items) assert.equal(step.fields.type, 'object', step.step)
})

test('a list pages by cursor, each record once', async () => {
  for (let n = 0; n < 5; n++) await found()
  const seen = new Set()
  let cursor = ''
  do {
    const page = await z.get('firm', `/api/v1/records?kind=hazard&limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    for (const { id } of page.items) {
      assert.ok(!seen.has(id), 'twice')
      seen.add(id)
    }
    cursor = page.next
  } while (cursor)
  const all = await z.get('firm', '/api/v1/records?kind=hazard&limit=200')
  assert.equal(seen.size, all.items.length)
  problem(await z.ask('firm', 'GET', '/api/v1/records?limit=201'), 422, '/limit')
})

test('a bare day as a limit is the whole of it, a time is that instant', async () => {
  const { person } = await z.self('firm')
  const record = await found('firm', { level: 'general', owner_person: person, measures: '更换灭火器', deadline: day(30) })
  assert.equal(record.due.slice(0, 10), day(30))
  const has = async (limit) => {
    const { items } = await z.get('firm', `/api/v1/records?kind=hazard&limit=200&due_before=${encodeURIComponent(limit)}`)
    return items.some((r) => r.id === record.id)
  }
  assert.equal(await has(day(30)), true)
  assert.equal(await has(day(29)), false)
  assert.equal(await has(`${day(30)}T00:00:00+08:00`), false)
  assert.equal(await has(`${day(31)}T00:00:00+08:00`), true)
  problem(await z.ask('firm', 'GET', '/api/v1/records?state=close'), 422, '/state')
  problem(await z.ask('firm', 'GET', '/api/v1/records?kind=hazard&level=huge'), 422, '/level')
})

test('the same key and body give the first answer again; another body is refused', async () => {
  const me = await z.self('firm')
  const body = {
    kind: 'hazard', place: me.place,
    fields: { enterprise: me.unit, source: 'self', found_on: today(), description: '安全出口标志灯不亮' },
  }
  const key = { 'Idempotency-Key': 'contract-once' }
  const first = await z.post('firm', '/api/v1/records', body, key)
  const again = await z.post('firm', '/api/v1/records', body, key)
  assert.equal(again.status, 201, again.text)
  assert.equal(again.value.id, first.value.id)
  assert.equal(again.etag, first.etag)
  problem(await z.post('firm', '/api/v1/records', { ...body, comment: 'another' }, key), 422, '/Idempotency-Key')
  problem(await z.post('firm', '/api/v1/records', body, { 'Idempotency-Key': 'x'.repeat(129) }), 422, '/Idempotency-Key')
})

test('a repeated step is answered from its key before its If-Match is looked at', async () => {
  const record = await found()
  const path = `/api/v1/records/${record.id}/steps/judge`
  const headers = { 'Idempotency-Key': 'judge-once', 'If-Match': `"${record.revision}"` }
  const first = await z.post('firm', path, { fields: { level: 'general' } }, headers)
  assert.equal(first.status, 200, first.text)
  const again = await z.post('firm', path, { fields: { level: 'general' } }, headers)
  assert.equal(again.status, 200, again.text)
  assert.equal(again.etag, first.etag)
  assert.equal(again.value.state, first.value.state)
})

test('the firm finds, mends and applies; another person of it closes; the figure follows', async () => {
  const before = await z.get('office', '/api/v1/figures')
  assert.ok(before.items.length > 0)
  const firm = await z.self('firm')
  const record = await found('firm', {
    level: 'general', owner_person: firm.person, measures: '更换灭火器并登记', deadline: day(30),
  })
  assert.ok(record.due, 'a clock runs')
  await z.step('firm', record.id, 'apply', { after_photos: [await z.photo('firm')], result: '已更换' })
  problem(await z.tryStep('firm', record.id, 'verify_inside', { opinion: '合格' }), 403)
  const closed = await z.step('boss', record.id, 'verify_inside', { opinion: '现场查看合格' })
  assert.equal(closed.state, 'closed')
  assert.ok(closed.closed_at)
  const events = await z.get('boss', `/api/v1/records/${record.id}/events`)
  assert.equal(events.items.at(-1).to, 'closed')
  for (const { figure, dimensions } of before.items) {
    assert.ok(Array.isArray(dimensions), figure)
    const { cells } = await z.get('office', `/api/v1/figures/${figure}?place=320200000000`)
    assert.ok(Array.isArray(cells), figure)
  }
})

test('an upload honours its key: the same file again, another file refused', async () => {
  const send = (bytes) => {
    const form = new FormData()
    form.set('file', new Blob([bytes], { type: 'image/png' }), 'photo.png')
    return z.ask('firm', 'POST', '/api/v1/files', { body: form, headers: { 'Idempotency-Key': 'upload-once' } })
  }
  const bytes = picture()
  const first = await send(bytes)
  assert.equal(first.status, 201, first.text)
  const again = await send(bytes)
  assert.equal(again.status, 201, again.text)
  assert.equal(again.text, first.text)
  problem(await send(picture()), 422, '/Idempotency-Key')
})

test('If-Match takes a list of tags and only strong ones', async () => {
  const record = await found()
  const tag = `"${record.revision}"`
  for (const none of ['*', `W/${tag}`, '"99", "98"', `"0${record.revision}"`, '1', '']) {
    problem(await z.post('firm', `/api/v1/records/${record.id}/steps/judge`, { fields: { level: 'general' } },
      { 'If-Match': none }), 412)
  }
  const judged = await z.post('firm', `/api/v1/records/${record.id}/steps/judge`, { fields: { level: 'general' } },
    { 'If-Match': `"99" , ${tag}` })
  assert.equal(judged.status, 200, judged.text)
})

test('a picture is kept by its digest and read through a record by who may read the record', async () => {
  const record = await found('firm', { photos: [await z.photo('firm')] })
  const digest = record.fields.photos[0]
  const mine = await z.ask('firm', 'GET', `/api/v1/files/${digest}`)
  assert.equal(mine.status, 200)
  assert.equal(mine.headers.get('content-type'), 'image/png')
  const held = await z.ask('firm', 'GET', `/api/v1/files/${digest}`, { headers: { 'If-None-Match': mine.etag } })
  assert.equal(held.status, 304)
  assert.equal((await z.ask('bureau', 'GET', `/api/v1/files/${digest}`)).status, 200)
  const stranger = await z.ask('firm2', 'GET', `/api/v1/files/${digest}`)
  const never = await z.ask('firm2', 'GET', `/api/v1/files/${'0'.repeat(64)}`)
  problem(stranger, 404)
  assert.equal(stranger.text, never.text)
})

test('what lies outside the scope answers like what never was, on every route of a record', async () => {
  const record = await found()
  for (const tail of ['', '/events', '/steps', '/proof']) {
    const stranger = await z.ask('bureau2', 'GET', `/api/v1/records/${record.id}${tail}`)
    const never = await z.ask('bureau2', 'GET', `/api/v1/records/${NEVER}${tail}`)
    problem(stranger, 404)
    assert.equal(stranger.text, never.text)
  }
  const step = await z.post('bureau2', `/api/v1/records/${record.id}/steps/judge`, {}, { 'If-Match': '"1"' })
  const never = await z.post('bureau2', `/api/v1/records/${NEVER}/steps/judge`, {}, { 'If-Match': '"1"' })
  problem(step, 404)
  assert.equal(step.text, never.text)
  const list = await z.get('bureau2', '/api/v1/records?kind=hazard&limit=200')
  assert.ok(!list.items.some((r) => r.id === record.id))
})

test('export gives the list as csv and json, and refuses another format', async () => {
  await found()
  const csv = await z.ask('bureau', 'GET', '/api/v1/export?kind=hazard&format=csv')
  assert.equal(csv.status, 200)
  assert.match(csv.headers.get('content-type'), /^text\/csv/)
  assert.ok(csv.text.split('\r\n').length > 2)
  const list = (await z.ask('bureau', 'GET', '/api/v1/export?kind=hazard&format=json')).value
  assert.ok(list.length > 0 && list.every((r) => r.kind === 'hazard'))
  problem(await z.ask('bureau', 'GET', '/api/v1/export?kind=hazard&format=pdf'), 422, '/format')
})

test('the feed goes on from its cursor and shows only what the reader may see', async () => {
  let after = ''
  for (let more = true; more;) {
    const page = await z.get('firm', `/api/v1/feed?after=${encodeURIComponent(after)}`)
    after = page.next
    more = page.more
  }
  const record = await found()
  const page = await z.get('firm', `/api/v1/feed?after=${encodeURIComponent(after)}`)
  assert.ok(page.items.some((item) => item.record === record.id))
  const stranger = await z.get('firm2', '/api/v1/feed')
  assert.ok(!stranger.items.some((item) => item.record === record.id))
})

test('a cursor of the feed is the reader\'s own and tells no position of the log', async () => {
  const read = async (after) => (await z.get('firm', `/api/v1/feed?after=${encodeURIComponent(after)}`)).next
  const one = await read('')
  assert.equal(Buffer.from(one, 'base64url').length, 24)
  const bytes = [one, await read(one), await read(one)].map((c) => Buffer.from(c, 'base64url'))
  for (let at = 0; at < 24; at += 8) {
    for (const cursor of bytes) assert.ok(cursor.readBigUInt64LE(at) > 2n ** 32n, 'a number that counts')
  }
  problem(await z.ask('boss', 'GET', `/api/v1/feed?after=${one}`), 422, '/after')
  problem(await z.ask('firm', 'GET', '/api/v1/feed?after=0AcAAAAAAAA'), 422, '/after')
})

test('notices, plates, codes and the description are there', async () => {
  assert.ok(Array.isArray((await z.get('boss', '/api/v1/notices')).items))
  assert.ok(Array.isArray((await z.get(null, '/api/v1/public/plates')).items))
  assert.ok((await z.get('bureau', '/api/v1/codes/major_hazard')).items.length > 50)
  const { openapi, components } = await z.get(null, '/api/v1/openapi.json')
  assert.match(openapi, /^3\.1/)
  assert.ok(components.schemas['Fields.hazard'].properties.description)
})

test('the server says that it lives, is ready, and counts by route and never by path', async () => {
  assert.equal((await z.get(null, '/healthz')).status, 'ok')
  assert.equal((await z.get(null, '/readyz')).status, 'ok')
  const { text } = await z.ask(null, 'GET', '/metrics')
  assert.match(text, /zhiben_http_requests_total\{method="GET",route="\/healthz",class="2xx"\} \d+/)
  assert.match(text, /route="\/api\/v1\/records\/:id",/)
  const record = await found()
  await z.get('firm', `/api/v1/records/${record.id}`)
  const again = await z.ask(null, 'GET', '/metrics')
  assert.ok(!again.text.includes(record.id))
})

test('the log has one JSON line a request, and never a path, query, body, token or name', async () => {
  const record = await found('firm', { description: '日志里不得出现的一句话' })
  await z.get('firm', `/api/v1/records/${record.id}?as_of=${today()}`)
  await z.get('firm', '/api/v1/records?q=%E7%89%B9%E5%88%AB')
  await z.get(null, '/healthz')
  const token = await z.token('firm')
  const lines = z.server.log.text.trim().split('\n').map((line) => JSON.parse(line))
  for (const name of ['at', 'request', 'method', 'route', 'status', 'duration_us', 'store_calls', 'bytes']) {
    assert.ok(name in lines.at(-1), name)
  }
  assert.ok(lines.some((line) => line.route === '/api/v1/records/:id'))
  for (const secret of [record.id, token, '日志里', '特别', '%E7', 'harness-2026-pass', 'as_of']) {
    assert.ok(!z.server.log.text.includes(secret), secret)
  }
})
