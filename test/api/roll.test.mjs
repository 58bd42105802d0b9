// SPDX-License-Identifier: Apache-2.0
// The rolls: sign-ins and grants for an auditor, accounts for a system administrator, of the place of
// their post and below, in pages; to everybody else they are closed, and no record is seen by either.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { problem, restart, start } from './harness.mjs'
import { sql } from './store.mjs'

let z
before(async () => { z = await start() })
after(() => z.stop())

/** Every item of a roll, page by page. */
async function all(account, path, limit) {
  const items = []
  const ask = (cursor) => z.get(account, `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`)
  let page = await ask()
  items.push(...page.items)
  while (page.next) {
    assert.ok(page.items.length <= limit)
    page = await ask(encodeURIComponent(page.next))
    items.push(...page.items)
  }
  return items
}

test('a sign-in is kept, held and refused, with its address; a name that is no account is not', async () => {
  await z.token('firm')
  const wrong = (account) => z.ask(null, 'POST', '/api/v1/tokens', { body: { account, password: 'not the password' } })
  assert.equal((await wrong('firm')).status, 401)
  assert.equal((await wrong('my-secret-password')).status, 401)
  const { items } = await z.get('auditor', '/api/v1/sign-ins')
  const [first] = items
  assert.deepEqual([first.account, first.held, first.sort], ['auditor', true, 'token'])
  assert.match(first.address, /^127\.0\.0\.1$/)
  assert.match(first.at, /^\d{4}-\d\d-\d\dT/)
  assert.ok(first.person && first.name)
  assert.deepEqual(items.filter((i) => i.account === 'firm').map((i) => i.held), [false, true])
  assert.ok(!JSON.stringify(await all('auditor', '/api/v1/sign-ins', 5)).includes('my-secret-password'))
  assert.ok((await z.get('auditor', '/api/v1/sign-ins?account=firm')).items.every((i) => i.account === 'firm'))
})

test('pages of a roll go on where the last one ended', async () => {
  for (const account of ['boss', 'office', 'sysadmin', 'bureau', 'township']) await z.token(account)
  for (const path of ['/api/v1/sign-ins', '/api/v1/grants', '/api/v1/grants?sort=tie']) {
    const [by2, by50] = [await all('auditor', path, 2), await all('auditor', path, 50)]
    assert.deepEqual(by2, by50, path)
    if (!path.includes('tie')) assert.ok(by2.length > 5, path)
  }
  const accounts = await all('sysadmin', '/api/v1/accounts', 3)
  assert.deepEqual(accounts.map((a) => a.account), accounts.map((a) => a.account).sort())
  assert.ok(accounts.length > 10)
})

test('grants are posts with whom, what and since when; accounts tell who signs in', async () => {
  const { items } = await z.get('auditor', '/api/v1/grants')
  assert.ok(items.every((g) => g.grant === 'post' && g.unit && g.role && g.title.zh && g.from))
  const { person } = await z.self('firm')
  const posts = (await all('auditor', '/api/v1/grants', 200)).filter((g) => g.person === person)
  assert.ok(posts.length > 0)
  const { items: [firm] } = await z.get('sysadmin', '/api/v1/accounts?q=firm')
  assert.equal(firm.account, 'firm')
  assert.equal(firm.person, person)
  assert.equal(firm.closed_at, null)
  assert.ok(firm.signed_in_at && firm.made_at && firm.posts[0].unit_name)
  const text = JSON.stringify(await all('sysadmin', '/api/v1/accounts', 200))
  assert.ok(!/argon2/.test(text))
  assert.equal((await z.get('sysadmin', '/api/v1/accounts?q=%25_')).items.length, 0)
})

test('each roll is its role’s alone', async () => {
  for (const path of ['/api/v1/sign-ins', '/api/v1/grants']) {
    for (const account of ['sysadmin', 'office', 'firm', 'boss']) problem(await z.ask(account, 'GET', path), 403)
    problem(await z.ask(null, 'GET', path), 401)
  }
  for (const account of ['auditor', 'office', 'firm']) problem(await z.ask(account, 'GET', '/api/v1/accounts'), 403)
  assert.equal((await z.get('auditor', '/api/v1/records')).total, 0)
  assert.equal((await z.get('sysadmin', '/api/v1/records')).total, 0)
})

test('what is asked wrongly is pointed at', async () => {
  problem(await z.ask('auditor', 'GET', '/api/v1/grants?sort=records'), 422, '/sort')
  problem(await z.ask('auditor', 'GET', '/api/v1/sign-ins?limit=0'), 422, '/limit')
  problem(await z.ask('auditor', 'GET', '/api/v1/sign-ins?limit=201'), 422, '/limit')
  problem(await z.ask('auditor', 'GET', '/api/v1/sign-ins?cursor=x'), 422, '/cursor')
  problem(await z.ask('auditor', 'GET', '/api/v1/sign-ins?cursor=99999999999999999999'), 422, '/cursor')
})

test('who watches over a township reads nothing of the city', async () => {
  const { unit } = await z.self('township')
  await restart(z, async () => {
    const added = await z.run(['user', 'add', '--account', 'town-audit', '--name', '镇审计', '--unit', unit,
      '--role', 'auditor', '--password-stdin'], { input: 'town-audit-2026\n' })
    assert.equal(added.code, 0, added.err)
  })
  const { value } = await z.ask(null, 'POST', '/api/v1/tokens', { body: { account: 'town-audit', password: 'town-audit-2026' } })
  const get = async (path) => (await z.ask(null, 'GET', path, { token: value.token })).value
  const signed = (await get('/api/v1/sign-ins?limit=200')).items
  assert.ok(signed.some((i) => i.account === 'town-audit'))
  assert.ok(signed.every((i) => !['office', 'auditor', 'sysadmin', 'bureau'].includes(i.account)), JSON.stringify(signed.map((i) => i.account)))
  const whole = await all('auditor', '/api/v1/grants', 200)
  const grants = []
  for (let page = await get('/api/v1/grants?limit=200'); ; page = await get(`/api/v1/grants?limit=200&cursor=${page.next}`)) {
    grants.push(...page.items)
    if (!page.next) break
  }
  assert.ok(grants.length > 0 && grants.length < whole.length, `${grants.length} of ${whole.length}`)
})

test('sign-ins older than 400 days go', async () => {
  await sql(z.db, 'UPDATE org_sign_in SET at = at - 34646400000')
  assert.equal((await z.ask(null, 'POST', '/api/v1/tokens', { body: { account: 'firm', password: 'wrong again' } })).status, 401)
  const { items } = await z.get('auditor', '/api/v1/sign-ins')
  assert.deepEqual(items.map((i) => [i.account, i.held]), [['firm', false]])
})
