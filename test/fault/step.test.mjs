// SPDX-License-Identifier: Apache-2.0
// Calls of a write to its store fail, once and for good: the answer is clean, nothing is half-written, the
// same key does it once. Here a few calls of each way; test/long/fault.test.mjs makes every one fail.
import { after, before, test } from 'node:test'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import assert from 'node:assert/strict'
import { restart, start } from '../api/harness.mjs'
import { POSTGRESQL } from '../api/store.mjs'
import { applied, followed, ordered, sent, together } from './acts.mjs'
import { hang, sweep, WAYS } from './door.mjs'

const GOAL = join(dirname(fileURLToPath(import.meta.url)), '../definitions/goal.json')
const TRIES = POSTGRESQL ? 3 : 5
let z
let door
before(async () => {
  z = await start()
  await restart(z, async () => {
    const done = await z.run(['adopt', GOAL])
    assert.equal(done.code, 0, done.err)
  })
  door = await hang(z)
})
after(async () => {
  door.close()
  await z.stop()
})

for (const way of WAYS) {
  test(`${way.name}: nothing is half-written, and the same key does it once`, async () => {
    for (const act of [ordered, applied, followed, sent, together]) {
      await sweep(door, await act(z), way, TRIES)
    }
  })
}
