// SPDX-License-Identifier: Apache-2.0
// Several hosts in one address: libpq goes through them until one answers that takes writes.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { json, run, serve, start } from '../api/harness.mjs'
import { POSTGRESQL, psql } from '../api/store.mjs'

assert.ok(POSTGRESQL, 'run by script/postgresql with ZHIBEN_STORE=postgresql')
const SOCKET = encodeURIComponent(process.env.ZHIBEN_POSTGRESQL)
const database = () => /\/([a-z0-9_]+)\?/.exec(z.db)[1]
const today = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
let z
before(async () => { z = await start() })
after(async () => { await z.stop() })

test('a first host where nobody listens, a second that works: the second is written to, before and after a break', async () => {
  const nobody = join(z.at, 'nobody')
  await mkdir(nobody)
  const several = `${z.db.replace(SOCKET, `${encodeURIComponent(nobody)},${SOCKET}`)}&target_session_attrs=read-write`
  assert.equal(await z.server.end(), 0)
  z.server = await serve(several)
  z.base = z.server.base
  const me = await z.self('firm')
  const fields = { enterprise: me.unit, source: 'self', found_on: today(), description: '几个主机' }
  const first = await z.make('firm', 'hazard', me.place, fields)
  await psql('postgres', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database()}'`)
  const second = await z.make('firm', 'hazard', me.place, fields)
  assert.notEqual(first.id, second.id)
  assert.equal(await z.server.end(), 0)
  assert.equal((await json(['verify', '--db', several])).wrong, undefined)
  z.server = await serve(z.db)
  z.base = z.server.base
})

test('no host that answers: one line that names what was tried', async () => {
  const nobody = join(z.at, 'nobody')
  const none = z.db.replace(SOCKET, [nobody, `${nobody}2`].map(encodeURIComponent).join())
  const done = await run(['verify', '--db', none])
  assert.equal(done.code, 1, done.err)
  assert.equal(done.err.trim().split('\n').length, 1, done.err)
  assert.ok(done.err.includes(nobody), done.err)
})
