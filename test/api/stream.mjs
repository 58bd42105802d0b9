// SPDX-License-Identifier: Apache-2.0
// A reader of GET /api/v1/live over a plain socket: what has come, as bytes and as events.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'

/** Opens a live stream; `after` is sent as Last-Event-ID. Resolves when the greeting has come. */
export async function live(city, account, { token, after } = {}) {
  const bearer = token ?? await city.token(account)
  const request = http.get(`${city.base}/api/v1/live`, { agent: false, headers: {
    Authorization: `Bearer ${bearer}`, ...(after ? { 'Last-Event-ID': after } : {}) } })
  const [response] = await once(request, 'response')
  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['content-type'], 'text/event-stream')
  const it = { text: '', events: [], id: null, ended: false, response }
  let rest = ''
  let wake = () => {}
  response.setEncoding('utf8').on('data', (part) => {
    it.text += part
    const blocks = (rest + part).split('\n\n')
    rest = blocks.pop()
    for (const block of blocks) {
      const words = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
      if (words.id) it.id = words.id
      if (words.event) it.events.push({ event: words.event, ...JSON.parse(words.data) })
    }
    wake()
  })
  response.on('error', () => {}).on('close', () => { it.ended = true; wake() })
  it.close = () => { request.destroy() }
  /** The first event from now on or before that fits, within `patience` ms. */
  it.until = async (fits, patience = 1000) => {
    const late = AbortSignal.timeout(patience)
    for (;;) {
      const found = it.events.find(fits)
      if (found) return found
      assert.ok(!late.aborted && !it.ended, `no such event within ${patience} ms: ${it.text}`)
      await new Promise((go) => {
        wake = go
        late.onabort = go
      })
    }
  }
  while (!it.id) await new Promise((go) => { wake = go })
  return it
}
