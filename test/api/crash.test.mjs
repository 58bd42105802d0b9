// SPDX-License-Identifier: Apache-2.0
// kill -9 under load: an acknowledged write survives, a refused one leaves nothing, the log holds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rm } from 'node:fs/promises'
import { json, serve, start } from './harness.mjs'

const ROUNDS = 3
const CLIENTS = 8

test('acknowledged records are there after kill -9, and a repeated key gives the first answer', async () => {
  const z = await start()
  const me = await z.self('firm')
  const kept = []
  try {
    for (let round = 0; round < ROUNDS; round++) {
      let over = false
      const client = async (n) => {
        for (let i = 0; !over && i < 200; i++) {
          const key = `r${round}-c${n}-${i}`
          const fields = { enterprise: me.unit, source: 'self', found_on: '2026-11-20', description: `断电测试中的隐患 ${key}` }
          try {
            const answer = await z.post('firm', '/api/v1/records', { kind: 'hazard', place: me.place, fields }, { 'Idempotency-Key': key })
            if (answer.status === 201) kept.push({ key, fields, id: answer.value.id, number: answer.value.number })
            const refused = await z.post('firm', '/api/v1/records', { kind: 'hazard', place: me.place, fields: { ...fields, found_on: 'no day' } })
            assert.equal(refused.status, 422)
          } catch (e) {
            if (over) return
            throw e
          }
        }
      }
      const clients = Array.from({ length: CLIENTS }, (_, n) => client(n))
      await new Promise((go) => setTimeout(go, 700))
      over = true
      await z.server.end('SIGKILL')
      await Promise.all(clients)
      const proof = await json(['verify', '--db', z.db, '--figures'])
      assert.ok(proof.events > 0)
      z.server = await serve(z.db)
      z.base = z.server.base
    }
    assert.ok(kept.length > 30, `${kept.length} were acknowledged`)
    for (const { id, number, fields } of kept) {
      const record = await z.get('firm', `/api/v1/records/${id}`)
      assert.deepEqual([record.number, record.fields.description], [number, fields.description])
    }
    const numbers = new Set(kept.map((k) => k.number))
    assert.equal(numbers.size, kept.length, 'no number was given twice')
    const last = kept.at(-1)
    const again = await z.post('firm', '/api/v1/records', { kind: 'hazard', place: me.place, fields: last.fields }, { 'Idempotency-Key': last.key })
    assert.equal(again.status, 201)
    assert.equal(again.value.id, last.id)
  } finally {
    await z.stop()
    await rm(z.at, { recursive: true, force: true })
  }
})
