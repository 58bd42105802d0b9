// SPDX-License-Identifier: Apache-2.0
// Every call of a write to its store fails once and, from there on, for good: what test/fault/step.test.mjs tries
// with a few of them. A value that cannot be bound is tried at 200 places of an act.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { restart, start } from '../api/harness.mjs'
import { applied, followed, ordered, sent, together } from '../fault/acts.mjs'
import { hang, sweep, WAYS } from '../fault/door.mjs'

const GOAL = join(dirname(fileURLToPath(import.meta.url)), '../definitions/goal.json')

for (const way of WAYS) {
  test(`${way.name}, at every call`, async () => {
    for (const act of [ordered, applied, followed, sent, together]) {
      const z = await start()
      await restart(z, async () => {
        const done = await z.run(['adopt', GOAL])
        assert.equal(done.code, 0, done.err)
      })
      const door = await hang(z)
      try {
        await sweep(door, await act(z), way, act === together || way.name === 'no memory for a value' ? 200 : Infinity)
      } finally {
        door.close()
        await z.stop()
      }
    }
  })
}
