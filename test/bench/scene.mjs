// SPDX-License-Identifier: Apache-2.0
// What is asked of the product in a measurement: a hazard of 1 kB, its steps, by the firm of the city.
import { readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import assert from 'node:assert/strict'
import { picture } from '../api/harness.mjs'
import { execute, request } from './process.mjs'

export const PASSWORD = 'bench-2026-pass'
const DAY = 86_400_000
const day = (shift) => new Date(Date.now() + 8 * 3600_000 + shift * DAY).toISOString().slice(0, 10)
/* 1 kB of request: 300 ideographs and the rest. */
const WORDS = '打磨车间除尘风管积尘未及时清理，泄爆口被杂物遮挡，配电箱门缺损且导线未穿管，灭火器压力不足。'.repeat(6).slice(0, 270)

let asked = 0

export class Scene {
  static async open(server, at) {
    const s = new Scene()
    Object.assign(s, { server, at, tokens: {} })
    s.me = await s.get('firm', '/api/v1/me')
    const { unit, place } = s.me.posts[0]
    Object.assign(s, { unit: unit.id ?? unit, place: place.code ?? place })
    return s
  }

  async token(account) {
    if (!this.tokens[account]) {
      const answer = await fetch(`${this.server.base}/api/v1/tokens`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ account, password: PASSWORD }),
      })
      this.tokens[account] = (await answer.json()).token
    }
    return this.tokens[account]
  }

  async get(account, path) {
    const answer = await fetch(this.server.base + path, {
      headers: { Authorization: `Bearer ${await this.token(account)}` },
    })
    const text = await answer.text()
    assert.equal(answer.status, 200, `${account} GET ${path}: ${text}`)
    return JSON.parse(text)
  }

  async read(account, path) {
    return request('GET', path, { token: await this.token(account) })
  }

  async photo() {
    const form = new FormData()
    form.set('file', new Blob([picture()], { type: 'image/png' }), 'photo.png')
    const answer = await fetch(`${this.server.base}/api/v1/files`, {
      method: 'POST', headers: { Authorization: `Bearer ${await this.token('firm')}` }, body: form,
    })
    const text = await answer.text()
    assert.equal(answer.status, 201, text)
    return JSON.parse(text).digest
  }

  /** One creation; `judged` says all that rule's steps need to judge and order it in the same write. */
  async create(judged = false) {
    const more = judged ? this.judgement() : {}
    return request('POST', '/api/v1/records', {
      token: await this.token('firm'),
      headers: { 'Idempotency-Key': `bench-${process.pid}-${asked++}` },
      body: { kind: 'hazard', place: this.place, fields: {
        enterprise: this.unit, source: 'self', found_on: day(0), spot: '一车间', description: WORDS + asked, ...more } },
    })
  }

  judgement() {
    return { level: 'general', owner_person: this.me.person, measures: '清理积尘，恢复泄爆口', deadline: day(30) }
  }

  async step(account, location, etag, step, fields) {
    return request('POST', `${location}/steps/${step}`, {
      token: await this.token(account), headers: { 'If-Match': etag, 'Idempotency-Key': `bench-${process.pid}-${asked++}` },
      body: { fields },
    })
  }
}

/** The two newest records of a store, older first, as the limit takes them. */
export function newest(file, n) {
  const db = new DatabaseSync(file, { readOnly: true })
  const q = db.prepare('SELECT stream, rid FROM record_now ORDER BY rid DESC LIMIT ?')
  q.setReadBigInts(true)
  const found = q.all(n).map((r) => `${r.stream}:${r.rid}`).reverse()
  db.close()
  return found
}

/** The machine, in one line. */
export async function machine() {
  const cpu = /model name\s*: (.*)/.exec(await readFile('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unnamed processor'
  const cores = (await readFile('/proc/cpuinfo', 'utf8')).match(/^processor/gm).length
  const memory = Number(/MemTotal:\s+(\d+)/.exec(await readFile('/proc/meminfo', 'utf8'))[1]) / 1024 / 1024
  const kernel = (await readFile('/proc/sys/kernel/osrelease', 'utf8')).trim()
  const load = (await readFile('/proc/loadavg', 'utf8')).split(' ')[0]
  const { stdout } = await execute('git', ['log', '-1', '--format=%h %cs'])
  return `${cpu}, ${cores} processors, ${memory.toFixed(0)} GB, Linux ${kernel}, load ${load}; commit ${stdout.trim()}`
}
