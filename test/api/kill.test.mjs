// SPDX-License-Identifier: Apache-2.0
// kill -9 under load: what was acknowledged is there, once; nothing else is half there.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { serve, start } from './harness.mjs'

let z
before(async () => { z = await start() })
after(async () => { await z.stop() })

const WRITERS = 24
const ROUNDS = 3

/** Posts until the server is gone; the ids it acknowledged, by key. */
async function write(body, name, acknowledged, enough) {
  for (let n = 0; ; n++) {
    const key = `${name}-${n}`
    let answer
    try {
      answer = await z.post('firm', '/api/v1/records', body(key), { 'Idempotency-Key': key })
    } catch {
      return key // on its way when the server died: either there or not
    }
    assert.equal(answer.status, 201, answer.text)
    acknowledged.set(key, answer.value.id)
    if (acknowledged.size >= enough.count) enough.reached()
  }
}

test('an acknowledged write survives kill -9, and its key gives it again', async () => {
  const me = await z.self('firm')
  const today = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
  const body = (key) => ({
    kind: 'hazard', place: me.place,
    fields: { enterprise: me.unit, source: 'self', found_on: today, description: `断电时的隐患 ${key}` },
  })
  for (let round = 0; round < ROUNDS; round++) {
    const acknowledged = new Map()
    const enough = { count: 100 + round * 37 }
    const loaded = new Promise((reached) => { enough.reached = reached })
    const writers = Array.from({ length: WRITERS }, (_, n) => write(body, `r${round}-w${n}`, acknowledged, enough))
    await Promise.race([loaded, Promise.all(writers)])
    await z.server.end('SIGKILL')
    const unanswered = await Promise.all(writers)
    z.server = await serve(z.db)
    z.base = z.server.base
    for (const [key, id] of acknowledged) {
      const again = await z.post('firm', '/api/v1/records', body(key), { 'Idempotency-Key': key })
      assert.equal(again.status, 201, again.text)
      assert.equal(again.value.id, id, `${key} is the same record`)
    }
    for (const key of unanswered) {
      const first = await z.post('firm', '/api/v1/records', body(key), { 'Idempotency-Key': key })
      const again = await z.post('firm', '/api/v1/records', body(key), { 'Idempotency-Key': key })
      assert.equal(first.status, 201, first.text)
      assert.equal(again.value.id, first.value.id)
    }
  }
})
