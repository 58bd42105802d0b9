// SPDX-License-Identifier: Apache-2.0
// What must be refused, clearly and without loss: each test is named after what it refuses, and the
// record stands as it stood.
import assert from 'node:assert/strict'
import net from 'node:net'
import { after, before, test } from 'node:test'
import { PASSWORD, problem, start } from './harness.mjs'

let z
before(async () => { z = await start() })
after(async () => { await z.stop() })

const day = (shift = 0) => new Date(Date.now() + 8 * 3600_000 + shift * 86_400_000).toISOString().slice(0, 10)

async function fields(account, more = {}) {
  const { unit } = await z.self(account)
  return { enterprise: unit, source: 'self', found_on: day(), description: '疏散通道被占用', ...more }
}

async function found(more) {
  const { place } = await z.self('firm')
  return z.make('firm', 'hazard', place, await fields('firm', more))
}

/** One that the firm mends: general, its person named; due so late that no clock speaks meanwhile. */
async function rectifying(person) {
  return found({ level: 'general', owner_person: person, measures: '清理通道', deadline: day(30) })
}

/** The record is as it was before the refusal. */
async function unmoved(record, account = 'firm') {
  const now = await z.get(account, `/api/v1/records/${record.id}`)
  assert.equal(now.revision, record.revision)
  assert.equal(now.state, record.state)
}

test('a creation without the field that says whose it is points at the field, not at the right', async () => {
  const me = await z.self('firm')
  const doc = problem(await z.post('firm', '/api/v1/records', { kind: 'hazard', place: me.place, fields: {} }), 422, '/fields/enterprise')
  assert.ok(doc.errors.some((e) => e.pointer === '/fields/found_on'), JSON.stringify(doc.errors))
  problem(await z.post('leader', '/api/v1/records', { kind: 'hazard', place: me.place, fields: {} }), 403)
})

test('unknown step', async () => {
  const record = await found()
  problem(await z.tryStep('firm', record.id, 'never_was'), 404)
  await unmoved(record)
})

test('wrong state', async () => {
  const record = await found()
  problem(await z.tryStep('firm', record.id, 'apply', { after_photos: [await z.photo('firm')], result: '好' }), 409)
  await unmoved(record)
})

test('wrong revision, and none', async () => {
  const record = await found()
  const path = `/api/v1/records/${record.id}/steps/judge`
  const body = { fields: { level: 'general' } }
  problem(await z.post('firm', path, body), 428)
  problem(await z.post('firm', path, body, { 'If-Match': '"99"' }), 412)
  problem(await z.post('firm', path, body, { 'If-Match': '*' }), 412)
  await unmoved(record)
})

test('missing evidence', async () => {
  const { person } = await z.self('firm')
  const record = await rectifying(person)
  problem(await z.tryStep('firm', record.id, 'apply', { result: '已清理' }), 422, '/fields/after_photos')
  problem(await z.tryStep('firm', record.id, 'apply', { result: '已清理', after_photos: [] }), 422)
  problem(await z.tryStep('firm', record.id, 'apply', { result: '已清理', after_photos: ['f'.repeat(64)] }), 422)
  await unmoved(record)
})

test('a verifier who owed the work', async () => {
  const boss = await z.self('boss')
  const owed = await rectifying(boss.person)
  const applied = await z.step('firm', owed.id, 'apply', { after_photos: [await z.photo('firm')], result: '已清理' })
  problem(await z.tryStep('boss', owed.id, 'verify_inside', { opinion: '合格' }), 403)
  problem(await z.tryStep('firm', owed.id, 'verify_inside', { opinion: '合格' }), 403)
  await unmoved(applied)
})

test('a place outside scope, a unit outside scope: the same as one that never was', async () => {
  const stranger = await z.self('firm2')
  const own = await z.self('firm')
  const make = async (place, more) => z.post('firm', '/api/v1/records',
    { kind: 'hazard', place, fields: await fields('firm', more) })
  const outside = await make(stranger.place)
  problem(outside, 422, '/place')
  assert.deepEqual(outside.value, (await make('999999999999')).value)
  const unit = await make(own.place, { enterprise: stranger.unit })
  assert.ok([403, 422].includes(unit.status), unit.text)
  const never = await make(own.place, { enterprise: 'u4398046511103' })
  assert.equal(unit.status, never.status)
  assert.deepEqual(unit.value, never.value)
})

test('a deadline before the day it was found, a day still to come', async () => {
  const { place, person } = await z.self('firm')
  const early = await fields('firm', { level: 'general', owner_person: person, measures: '清理', deadline: day(-3) })
  problem(await z.post('firm', '/api/v1/records', { kind: 'hazard', place, fields: early }), 422)
  const future = await fields('firm', { found_on: day(2) })
  problem(await z.post('firm', '/api/v1/records', { kind: 'hazard', place, fields: future }), 422)
})

test('an inspection nobody approved', async () => {
  const bureau = await z.self('bureau')
  const officer = await z.self('officer')
  const firm = await z.self('firm')
  const visit = await z.make('bureau', 'visit', firm.place, {
    mode: 'inspection', enterprise: firm.unit, on: day(), lead: bureau.person, team: [bureau.person, officer.person],
  })
  problem(await z.tryStep('bureau', visit.id, 'record', { result: 'nothing_found', signature_refused: true, refused_why: '不在' }), 409)
  problem(await z.tryStep('bureau', visit.id, 'approve'), 403)
  await unmoved(visit, 'bureau')
})

test('an order by who may not order', async () => {
  const firm = await z.self('firm')
  const record = await z.make('grid', 'hazard', firm.place, {
    enterprise: firm.unit, source: 'grid', found_on: day(), description: '楼道堆放杂物',
  })
  const order = { owner_person: firm.person, measures: '清理', deadline: day(3) }
  problem(await z.tryStep('grid', record.id, 'judge', { level: 'general' }), 403)
  problem(await z.tryStep('firm', record.id, 'judge', { level: 'general' }), 403)
  const judged = await z.step('township', record.id, 'judge', { level: 'general' })
  problem(await z.tryStep('grid', record.id, 'order', order), 403)
  problem(await z.tryStep('firm', record.id, 'order', order), 403)
  await unmoved(judged)
})

test('a field too long, and every other bad field told at once', async () => {
  const { place } = await z.self('firm')
  const long = await fields('firm', { description: '长'.repeat(2001), found_on: '2026-02-30', unheard_of: 1 })
  const doc = problem(await z.post('firm', '/api/v1/records', { kind: 'hazard', place, fields: long }), 422, '/fields/description')
  assert.ok(doc.errors.some((e) => e.pointer === '/fields/unheard_of'))
  assert.ok(doc.errors.some((e) => e.pointer === '/fields/found_on'))
})

test('an unknown field of a step', async () => {
  const record = await found()
  problem(await z.tryStep('firm', record.id, 'judge', { level: 'general', unheard_of: 1 }), 422, '/fields/unheard_of')
  await unmoved(record)
})

test('invalid UTF-8', async () => {
  const body = Buffer.concat([Buffer.from('{"kind":"hazard","place":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}')])
  problem(await z.ask('firm', 'POST', '/api/v1/records', { body }), 422)
  assert.equal((await z.ask('firm', 'GET', '/api/v1/records?q=%ff%fe')).status, 400)
})

test('JSON 1,000 levels deep, twice the same key, text after its end', async () => {
  for (const body of ['['.repeat(1000) + ']'.repeat(1000), '{"kind":"hazard","kind":"hazard"}', '{} {}', '', '[]', 'nonsense']) {
    problem(await z.ask('firm', 'POST', '/api/v1/records', { body }), 422)
  }
})

test('a 2 GB upload, before its bytes are read', async () => {
  const { hostname, port } = new URL(z.base)
  const socket = net.connect(Number(port), hostname)
  socket.write('POST /api/v1/files HTTP/1.1\r\nHost: zhiben\r\nContent-Type: multipart/form-data; boundary=b\r\n'
    + `Content-Length: ${2 ** 31}\r\nAuthorization: Bearer ${await z.token('firm')}\r\n\r\n`)
  let text = ''
  for await (const part of socket.setEncoding('utf8')) {
    text += part
    if (text.includes('"status":413')) break
  }
  socket.destroy()
  assert.match(text, /^HTTP\/1\.1 413 /)
})

test('an upload somewhat too large: who sends it to its end reads why', async () => {
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(24 * 1024 * 1024)], { type: 'video/mp4' }), 'long.mp4')
  problem(await z.ask('firm', 'POST', '/api/v1/files', { body: form }), 413)
})

test('a picture that is not one, and a form without a file', async () => {
  const form = new FormData()
  form.set('file', new Blob(['\x89PNG\r\n\x1a\n and then words'], { type: 'image/png' }), 'photo.png')
  problem(await z.ask('firm', 'POST', '/api/v1/files', { body: form }), 422)
  const empty = new FormData()
  empty.set('file', 'words')
  problem(await z.ask('firm', 'POST', '/api/v1/files', { body: empty }), 422, '/file')
  problem(await z.ask('firm', 'POST', '/api/v1/files', { body: '{}' }), 422)
})

test('a finding that cannot become a hazard is refused at its row and its field', async () => {
  const { unit, place, person } = await z.self('firm')
  const day = (n) => new Date(Date.now() + 8 * 3_600_000 + n * 86_400_000).toISOString().slice(0, 10)
  const sound = { description: '配电箱无门，导线未穿管', level: 'general', owner_person: person, measures: '更换箱门', deadline: day(7) }
  const visit = (...findings) => z.post('boss', '/api/v1/records',
    { kind: 'visit', place, fields: { mode: 'self', enterprise: unit, on: day(0), result: 'found', findings } })
  problem(await visit(sound, { ...sound, deadline: day(-3) }), 422, '/fields/findings/1/deadline')
  problem(await visit(sound, sound, { ...sound, measures: '短' }), 422, '/fields/findings/2/measures')
  problem(await visit({ ...sound, owner_person: 'p1' }), 422, '/fields/findings/0/owner_person')
  assert.equal((await visit(sound)).status, 201)
})

test('a PDF is taken whole, not torn, not cut, and not a program under its name', async () => {
  const send = (bytes, name = 'paper.pdf') => {
    const form = new FormData()
    form.set('file', new Blob([bytes], { type: 'application/pdf' }), name)
    return z.ask('firm', 'POST', '/api/v1/files', { body: form })
  }
  const body = '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n'
  const pdf = (end) => `${body}xref\n0 1\n0000000000 65535 f \ntrailer<</Size 3/Root 1 0 R>>\n${end}`
  const whole = await send(pdf(`startxref\n${body.length}\n%%EOF\n`))
  assert.equal(whole.status, 201, whole.text)
  assert.equal(whole.value.media_type, 'application/pdf')
  for (const bad of [
    body, // torn off in sending
    pdf(''),
    pdf('%%EOF\n'),
    pdf('startxref\n999999\n%%EOF\n'), // says its table is where it has nothing
    pdf('%%EOF\nstartxref\n9\n'),
    `%PDF-${'x'.repeat(2000)}startxref\n9\n%%EOF`,
    `MZ\x90\x00${'x'.repeat(200)}startxref\n9\n%%EOF`, // a program renamed
    `%PDF-1.7${'x'.repeat(20)}startxref\n9\n%%EOF${'x'.repeat(4000)}`, // something long behind its end
  ]) problem(await send(bad), 422, '/file')
})

test('headers too long, in the words of every other refusal', async () => {
  const { hostname, port } = new URL(z.base)
  const socket = net.connect(Number(port), hostname)
  socket.write(`GET /api/v1/me HTTP/1.1\r\nHost: zhiben\r\nConnection: close\r\nCookie: ${'a'.repeat(20000)}\r\n\r\n`)
  let text = ''
  for await (const part of socket.setEncoding('utf8')) text += part
  assert.match(text, /^HTTP\/1\.1 431 /)
  assert.match(text, /content-type: application\/problem\+json/i)
  const document = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4))
  assert.equal(document.status, 431)
  assert.ok(document.detail.length > 10)
})

test('a post that is not mine', async () => {
  const { post } = await z.self('boss')
  const { place } = await z.self('firm')
  problem(await z.post('firm', '/api/v1/records', { kind: 'hazard', place, fields: await fields('firm') },
    { 'Zhiben-Post': post }), 422, '/post')
})

test('a kind that none of my posts may create', async () => {
  const { place } = await z.self('firm')
  problem(await z.post('auditor', '/api/v1/records', { kind: 'hazard', place, fields: {} }), 403)
  problem(await z.post('firm', '/api/v1/records', { kind: 'never_was', place, fields: {} }), 422, '/kind')
})

test('whoever sees no record sees none: auditor and sysadmin', async () => {
  const record = await found()
  for (const account of ['auditor', 'sysadmin']) {
    assert.equal((await z.get(account, '/api/v1/records?limit=200')).items.length, 0)
    problem(await z.ask(account, 'GET', `/api/v1/records/${record.id}`), 404)
  }
  assert.ok((await z.get('auditor', `/api/v1/records/${record.id}/proof`)).items.length > 0)
})

test('a refused request is not remembered under its key', async () => {
  const { place } = await z.self('firm')
  const key = { 'Idempotency-Key': 'refused-first' }
  const bad = { kind: 'hazard', place, fields: await fields('firm', { found_on: 'yesterday' }) }
  problem(await z.post('firm', '/api/v1/records', bad, key), 422)
  const good = { kind: 'hazard', place, fields: await fields('firm') }
  assert.equal((await z.post('firm', '/api/v1/records', good, key)).status, 201)
})

test('a body that is named as no JSON; with a cookie, a form or a text as pages of another site send', async () => {
  const { place } = await z.self('firm')
  const body = JSON.stringify({ kind: 'hazard', place, fields: await fields('firm') })
  const as = (type, headers = {}) => z.ask(headers.Cookie ? null : 'firm', 'POST', '/api/v1/records',
    { body, headers: { 'Content-Type': type, ...headers } })
  for (const type of ['multipart/form-data; boundary=b', 'application/xml', 'application/jsonx']) {
    problem(await as(type), 415)
    problem(await z.post(null, '/api/v1/tokens', '{"account":"firm"}', { 'Content-Type': type }), 415)
  }
  const page = { 'Zhiben-Page': '1' }
  const session = await z.post(null, '/api/v1/session', { account: 'firm', password: PASSWORD }, page)
  const cookie = { ...page, Cookie: session.headers.get('set-cookie').split(';')[0] }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
    problem(await as(type, cookie), 415)
    assert.equal((await as(type)).status, 201)
  }
  assert.equal((await as('Application/JSON; charset=utf-8', cookie)).status, 201)
  problem(await z.post(null, '/api/v1/tokens', { account: 'firm', password: 'x', admin: true }), 422, '/admin')
})

test('a period that ends before it begins', async () => {
  problem(await z.ask('office', 'GET', '/api/v1/figures/hazard_found?from=2026-11-30&to=2026-11-01'), 422, '/from')
})

test('one officer named twice is no two officers', async () => {
  const bureau = await z.self('bureau')
  const firm = await z.self('firm')
  const visit = { mode: 'inspection', enterprise: firm.unit, on: day(), lead: bureau.person, team: [bureau.person, bureau.person] }
  problem(await z.post('bureau', '/api/v1/records', { kind: 'visit', place: firm.place, fields: visit }), 422, '/fields/team/1')
})

test('a parameter given twice, and one that a record or a figure does not have', async () => {
  const record = await found()
  problem(await z.ask('firm', 'GET', '/api/v1/records?kind=hazard&kind=visit'), 422, '/kind')
  problem(await z.ask('firm', 'GET', `/api/v1/records/${record.id}?asof=2026-01-01`), 422, '/asof')
  problem(await z.ask('firm2', 'GET', `/api/v1/records/${record.id}?asof=2026-01-01`), 404)
  problem(await z.ask('office', 'GET', '/api/v1/figures/hazard_open?perid=month'), 422, '/perid')
  problem(await z.ask('office', 'GET', '/api/v1/records?foo=1'), 422, '/foo')
})
