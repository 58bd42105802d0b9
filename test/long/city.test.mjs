// SPDX-License-Identifier: Apache-2.0
// The whole demonstration city: made, proved, rebuilt; made again from the same seed, the same heads.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { folder, json, run } from '../api/harness.mjs'

async function make(at, name, scale) {
  const file = join(at, name)
  const done = await run(['init', '--db', `sqlite:${file}`, '--demo', 'wuxi', '--scale', scale, '--seed', '7',
    '--password', 'city-2026-pass', '--until', '2026-11-21'])
  assert.equal(done.code, 0, done.err)
  return file
}

function heads(file) {
  const store = new DatabaseSync(file, { readOnly: true })
  const rows = store.prepare('SELECT stream, seq, hex(digest) AS digest FROM chain_head ORDER BY stream').all()
  store.close()
  return rows.map((r) => `${r.stream} ${r.seq} ${r.digest}`)
}

test('the same seed and date give the same stream heads', async () => {
  const at = await folder()
  try {
    assert.deepEqual(heads(await make(at, 'a.db', 'small')), heads(await make(at, 'b.db', 'small')))
  } finally {
    await rm(at, { recursive: true, force: true })
  }
})

test('the city holds: log, figures, rebuild, and nothing is due when it is first served', async () => {
  const at = await folder()
  try {
    const file = await make(at, 'city.db', 'city')
    assert.ok((await json(['verify', '--db', `sqlite:${file}`, '--figures'])).events > 10000)
    assert.equal((await json(['rebuild', '--db', `sqlite:${file}`])).differs, null)
    const ticked = await json(['tick', '--db', `sqlite:${file}`, '--now', '2026-11-21T00:00:00+08:00'])
    assert.equal(ticked.fired, 0)
  } finally {
    await rm(at, { recursive: true, force: true })
  }
})
