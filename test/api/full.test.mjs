// SPDX-License-Identifier: Apache-2.0
// A full disk under a serving process: refused in words, nothing half-written, what was acknowledged stays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, problem, serve, start } from './harness.mjs'

const BLOCKS = 10240 // of 512 bytes: no file of the server grows beyond 5 MB; the log before the store is one

test('a full disk under a server: 503 that says so, reads go on, every acknowledged record is there', async () => {
  const z = await start()
  try {
    assert.equal(await z.server.end(), 0)
    z.server = await serve(z.db, BLOCKS)
    z.base = z.server.base
    const me = await z.self('firm')
    const kept = []
    let refused
    for (let i = 0; i < 2000 && !refused; i++) {
      const answer = await z.post('firm', '/api/v1/records', { kind: 'hazard', place: me.place,
        fields: { enterprise: me.unit, source: 'self', found_on: '2026-11-20', description: `磁盘将满时的隐患 ${i}` } })
      if (answer.status === 201) kept.push(answer.value.id)
      else refused = answer
    }
    assert.ok(kept.length > 0 && refused, `${kept.length} kept`)
    assert.match(problem(refused, 503).detail, /磁盘已满/)
    for (const id of kept) assert.equal((await z.ask('firm', 'GET', `/api/v1/records/${id}`)).status, 200)
    await z.server.end('SIGKILL')
    assert.ok((await json(['verify', '--db', z.db, '--figures'])).events > kept.length)
    z.server = await serve(z.db)
    z.base = z.server.base
    for (const id of kept) await z.get('firm', `/api/v1/records/${id}`)
  } finally {
    await z.stop()
  }
})
