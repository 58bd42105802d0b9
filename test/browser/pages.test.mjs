// SPDX-License-Identifier: Apache-2.0
// Every page that every role can reach from its menu, at both sizes, passes the inspector: nothing
// scrolls sideways, is cut or overlaps, no raw names, no console error, no failed request.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSWORD, start } from '../api/harness.mjs'
import { open, SIZES, visit } from './visitor.mjs'

// One account of each role.
const ACCOUNTS = ['bureau', 'chief', 'firm', 'shop', 'grid', 'township', 'district', 'leader', 'auditor', 'sysadmin']
const PICTURED = 'bureau'
// Who handles no record has no ledger in the menu.
const RECORDLESS = ['auditor', 'sysadmin']

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

const hrefs = (v, selector) =>
  v.page.$$eval(selector, (as) => [...new Set(as.map((a) => a.getAttribute('href')))])

/** What the inspector says of a page at both sizes, asked for once. */
async function look(v, path, name) {
  await v.go(path)
  for (const size of SIZES) {
    await v.resize(size)
    if (name && v.account === PICTURED) await v.picture(name)
    else await v.clean()
  }
}

for (const account of ACCOUNTS) {
  test(`every page of ${account} stands before the inspector at both sizes`, async () => {
    const v = await visit(browser, z.base, SIZES[1])
    try {
      await v.signIn(account, PASSWORD)
      const menu = await hrefs(v, 'nav.side a')
      assert.equal(menu.includes('/ledger/hazard'), !RECORDLESS.includes(account), menu.join(' '))
      await look(v, '/')
      const series = menu.includes('/figures') ? ['/rules', '/series'] : []
      for (const path of [...menu.slice(1), ...series, '/ledger?mine=lapse', '/nothing-here']) {
        const name = /^\/ledger\/hazard$|^\/figures$|^\/places$|^\/rules$|^\/series$/.test(path) ? path.slice(1).replace('/', '-') : ''
        await look(v, path, name)
        if (!path.startsWith('/ledger/')) continue
        const kind = path.slice('/ledger/'.length)
        const records = await hrefs(v, '.records-table a[href^="/record/"]')
        if (!records.length) continue
        await look(v, records[0])
        for (const paper of await hrefs(v, 'a[href^="/print/"]')) await look(v, paper)
        await look(v, `/print/${kind}`, kind === 'hazard' ? 'print-ledger' : '')
      }
    } finally {
      await v.leave()
    }
  })
}

test('the pages speak English as well', async () => {
  const v = await visit(browser, z.base, SIZES[1])
  try {
    await v.signIn('bureau', PASSWORD)
    await v.page.getByRole('button', { name: 'EN', exact: true }).click()
    await v.page.getByRole('link', { name: 'Home' }).waitFor()
    for (const path of ['/', '/ledger/hazard', '/new/visit', '/figures/hazard_open']) await look(v, path)
  } finally {
    await v.leave()
  }
})
