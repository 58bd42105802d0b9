// SPDX-License-Identifier: Apache-2.0
// An old ledger becomes a district's history by the pages alone: one person prepares it, mends what does
// not hold, another confirms; what came in is marked and told apart.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSWORD, restart, start } from '../api/harness.mjs'
import { oldLedger } from '../api/workbook.mjs'
import { carryLedger } from './ledger.mjs'
import { open, SIZES, visit } from './visitor.mjs'

const TODAY = Math.floor((Date.now() + 8 * 3600_000) / 86_400_000)

let z
let browser
let units
before(async () => {
  z = await start()
  const self = await z.self('district')
  await restart(z, async () => {
    const made = await z.run(['user', 'add', '--account', 'second', '--name', '戚远', '--unit', self.unit, '--role',
      'office', '--password-stdin'], { input: PASSWORD })
    assert.equal(made.code, 0, made.err)
  })
  units = (await z.get('district', `/api/v1/units?place=${self.place}&limit=200`)).items.filter((u) => u.sort === 'enterprise')
  browser = await open()
})
after(async () => {
  await browser?.close()
  await z?.stop()
})

/** As it looks at both sizes; back at the size of the visit. */
async function pictured(v, name) {
  const at = v.size
  for (const size of SIZES) {
    await v.resize(size)
    await v.picture(name)
  }
  await v.resize(at)
}

test('an old ledger comes in by two people, who prepares it at a phone, who confirms at a desk', async () => {
  const made = oldLedger({ units, count: 300, until: TODAY, bad: 4, seed: 5 })
  const first = await visit(browser, z.base, SIZES[0])
  const second = await visit(browser, z.base, SIZES[1])
  try {
    await first.signIn('district', PASSWORD)
    await second.signIn('second', PASSWORD)
    await carryLedger({ first, second, made, name: units[0].name }, pictured)
    await second.page.locator('a[href^="/record/"]').filter({ visible: true }).last().click()
    await second.settle()
    await pictured(second, 'old-ledger-record')
  } catch (cause) {
    cause.message += await first.circumstances() + await second.circumstances()
    throw cause
  } finally {
    await first.leave()
    await second.leave()
  }
})
