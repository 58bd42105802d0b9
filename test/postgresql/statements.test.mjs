// SPDX-License-Identifier: Apache-2.0
// No statement is sent that `zhiben statements` does not list. PostgreSQL itself counts what it was
// sent (pg_stat_statements): here by the commands and the requests of this file, and under script/test
// by every test that ran on the cluster before. What tests ask by psql is left out by them.
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { folder, run, start } from '../api/harness.mjs'
import { listed, reader } from '../api/sent.mjs'
import { dropStore, newStore, POSTGRESQL, psql } from '../api/store.mjs'

if (!POSTGRESQL) throw new Error('run with ZHIBEN_STORE=postgresql script/postgresql')

/** What the cluster has seen since it was started, each once. */
async function seen() {
  await psql('postgres', 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
  return JSON.parse(await psql('postgres', "SELECT coalesce(json_agg(DISTINCT query), '[]') FROM pg_stat_statements"))
}

test('what a served city, its commands, a backup and a restore send is listed', async () => {
  const city = await start()
  const other = await folder()
  const copy = await newStore(other)
  try {
    const { items } = await city.get('firm', '/api/v1/records?kind=hazard')
    for (const path of ['/api/v1/me', '/api/v1/records?q=%E9%9A%90%E6%82%A3', '/api/v1/records?kind=hazard&sort=due',
      '/api/v1/feed', '/api/v1/notices', '/api/v1/figures', ...items.slice(0, 1).flatMap(({ id }) =>
        ['', '/events', '/steps', '/proof', '?as_of=2026-01-01'].map((more) => `/api/v1/records/${id}${more}`))]) {
      await city.ask('firm', 'GET', path)
    }
    const backup = join(other, 'all.backup')
    assert.equal((await run(['backup', '--db', city.db, '--to', backup])).code, 0)
    assert.equal((await run(['restore', '--db', copy, '--from', backup])).code, 0)
    await city.stop()
    const known = reader(await listed())
    assert.ok(!known('SELECT a FROM nowhere'))
    const all = await seen()
    assert.ok(all.length > 150, `${all.length} statements were seen`)
    assert.deepEqual(all.filter((text) => !known(text)), [])
  } finally {
    await dropStore(copy)
    await rm(other, { recursive: true, force: true })
  }
})
