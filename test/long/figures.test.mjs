// SPDX-License-Identifier: Apache-2.0
// Ten thousand random events on each store, every figure counted again: test/api/figures.test.mjs at length.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const TOP = join(import.meta.dirname, '..', '..')
const FILE = 'test/api/figures.test.mjs'

async function run(t, command, more) {
  const env = { ...process.env, ZHIBEN_EVENTS: '10000', ...more }
  delete env.NODE_TEST_CONTEXT // it is a run of its own, whose words are read here
  const done = await promisify(execFile)(command[0], command.slice(1), { cwd: TOP, env, maxBuffer: 1 << 26 })
    .catch((failed) => failed)
  assert.ok(!done.code, `${done.stdout}\n${done.stderr}`)
  for (const line of done.stdout.split('\n')) if (/^# (\d+ events|\{)/.test(line)) t.diagnostic(line.slice(2))
}

test('ten thousand random events on files', async (t) => run(t, ['script/node', '--test', FILE], {}))
test('ten thousand random events on PostgreSQL, by three servers', async (t) =>
  run(t, ['script/postgresql', 'script/node', '--test', FILE], { ZHIBEN_STORE: 'postgresql' }))
