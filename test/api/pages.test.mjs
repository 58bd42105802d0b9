// SPDX-License-Identifier: Apache-2.0
// The pages the binary carries: history routing, caching, and never in place of an answer.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { problem, start } from './harness.mjs'

let z
before(async () => { z = await start() })
after(async () => { await z.stop() })

const HTML = { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }

test('the first page answers its own path and every place inside the pages', async () => {
  const first = await z.ask(null, 'GET', '/', HTML)
  assert.equal(first.status, 200)
  assert.match(first.headers.get('content-type'), /^text\/html/)
  assert.equal(first.headers.get('cache-control'), 'no-cache')
  assert.match(first.headers.get('content-security-policy'), /default-src 'self'/)
  for (const path of ['/records/0000000000000000', '/sign-in', '/a/b/c?d=e']) {
    assert.equal((await z.ask(null, 'GET', path, HTML)).text, first.text, path)
  }
})

test('a page that has not changed is not sent again', async () => {
  const first = await z.ask(null, 'GET', '/', HTML)
  const again = await z.ask(null, 'GET', '/', { headers: { ...HTML.headers, 'If-None-Match': first.etag } })
  assert.equal(again.status, 304)
  assert.equal(again.text, '')
})

test('what the first page names is there, typed, and kept for good', async () => {
  const { text } = await z.ask(null, 'GET', '/', HTML)
  const parts = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((m) => m[1])
  assert.ok(parts.length > 0, text)
  for (const path of parts) {
    const part = await z.ask(null, 'GET', path)
    assert.equal(part.status, 200, path)
    assert.match(part.headers.get('cache-control'), /immutable/)
    assert.match(part.headers.get('content-type'), /^(text\/(javascript|css)|image\/svg\+xml)/, path)
  }
})

test('a page never stands in for an answer, a part or a picture that is not there', async () => {
  problem(await z.ask(null, 'GET', '/api/v1/nothing', HTML), 404)
  problem(await z.ask(null, 'GET', '/api', HTML), 404)
  problem(await z.ask(null, 'GET', '/assets/none.js', HTML), 404)
  problem(await z.ask(null, 'GET', '/none.png', { headers: { Accept: 'image/*' } }), 404)
  problem(await z.ask(null, 'POST', '/records', { body: '{}' }), 405)
})
