// SPDX-License-Identifier: Apache-2.0
// A small demonstration store of one's own, served by the real binary, for one test file.
//
//   const z = await start(); …; await z.stop()
//
// The binary is $ZHIBEN (build/release/zhiben). `stop` ends the server by SIGTERM, then proves the
// log and the figures and rebuilds every derived table: a test file that left a store that does not
// hold has failed.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateSync } from 'node:zlib'
import { dropStore, madeOnce } from './store.mjs'

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
export const ZHIBEN = resolve(process.env.ZHIBEN ?? join(TOP, 'build/release/zhiben'))
export const PASSWORD = 'harness-2026-pass'
const PATIENCE = 20_000 // a server that needs longer to start or end has failed

/** Runs a command to its end: {code, out, err}. No file it writes grows beyond `blocks` of 512 bytes. */
export async function run(args, { input = '', env = {}, blocks } = {}) {
  const words = { env: { ...process.env, LANG: 'C.UTF-8', LC_ALL: '', LC_MESSAGES: '', ...env } }
  const child = blocks
    ? spawn('sh', ['-c', 'trap "" XFSZ; ulimit -f "$1"; shift; exec "$@"', 'sh', blocks, ZHIBEN, ...args], words)
    : spawn(ZHIBEN, args, words)
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (part) => { said.out += part })
  child.stderr.setEncoding('utf8').on('data', (part) => { said.err += part })
  child.stdin.on('error', () => {}) // a refused command reads nothing
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, ...said }
}

/** One run whose standard output is JSON. */
export async function json(args, options) {
  const done = await run(args, options)
  assert.equal(done.code, 0, `zhiben ${args.join(' ')}: ${done.err}`)
  return JSON.parse(done.out)
}

export async function folder() {
  return mkdtemp(join(tmpdir(), 'zhiben-'))
}

/** The address in the one line that serve prints when it is ready. */
function address(child, log) {
  return new Promise((found, failed) => {
    let out = ''
    const late = setTimeout(() => failed(new Error(`serve printed no address: ${log.text}`)), PATIENCE)
    child.stdout.setEncoding('utf8').on('data', (part) => {
      out += part
      const line = /^.*?(http:\/\/\S+)\n/.exec(out)
      if (line) {
        clearTimeout(late)
        found(line[1])
      }
    })
    child.once('exit', (code) => {
      clearTimeout(late)
      failed(new Error(`serve ended with ${code}: ${log.text}`))
    })
  })
}

/** Serves a store; no file the server writes grows beyond `blocks` of 512 bytes. */
export async function serve(db, blocks, env = {}, more = []) {
  const log = { text: '' }
  const words = ['serve', '--db', db, '--listen', '127.0.0.1:0', ...more]
  const child = blocks
    ? spawn('sh', ['-c', 'trap "" XFSZ; ulimit -f "$1"; shift; exec "$@"', 'sh', blocks, ZHIBEN, ...words])
    : spawn(ZHIBEN, words, { env: { ...process.env, ...env } })
  child.stderr.setEncoding('utf8').on('data', (part) => { log.text += part })
  const base = await address(child, log)
  const end = async (signal = 'SIGTERM') => {
    if (child.exitCode !== null) return child.exitCode
    const over = once(child, 'exit')
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
    child.kill(signal)
    const [code] = await over
    clearTimeout(late)
    return code
  }
  return { base, log, end }
}

const table = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})

function chunk(type, body) {
  const bytes = Buffer.concat([Buffer.from(type, 'latin1'), body])
  let crc = 0xffffffff
  for (const b of bytes) crc = table[(crc ^ b) & 255] ^ (crc >>> 8)
  const out = Buffer.alloc(bytes.length + 8)
  out.writeUInt32BE(body.length, 0)
  bytes.copy(out, 4)
  out.writeUInt32BE((crc ^ 0xffffffff) >>> 0, bytes.length + 4)
  return out
}

let painted = 0

/** A small PNG unlike every other one of this run. */
export function picture() {
  const size = 64
  const head = Buffer.alloc(13)
  head.writeUInt32BE(size, 0)
  head.writeUInt32BE(size, 4)
  head.set([8, 0, 0, 0, 0], 8)
  painted += 1
  const rows = Buffer.alloc((size + 1) * size)
  for (let i = 0; i < rows.length; i++) rows[i] = i % (size + 1) ? (i * painted * 31 + (i >> 5)) & 255 : 0
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0)),
  ])
}

export class City {
  #tokens = new Map()

  constructor(at, db, server) {
    Object.assign(this, { at, db, server, base: server.base })
  }

  /** Signs in once an account; the token. */
  async token(account) {
    if (!this.#tokens.has(account)) {
      const answer = await this.ask(null, 'POST', '/api/v1/tokens', { body: { account, password: PASSWORD } })
      assert.equal(answer.status, 201, `${account} signs in: ${answer.text}`)
      this.#tokens.set(account, answer.value.token)
    }
    return this.#tokens.get(account)
  }

  /** {status, headers, text, value}; `body` is JSON unless it is a string, bytes or a form. */
  async ask(account, method, path, { body, headers = {}, token } = {}) {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData
    const bearer = token ?? (account ? await this.token(account) : null)
    const response = await fetch(this.base + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
        ...(body instanceof FormData ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: raw ? body : JSON.stringify(body),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      value: isJson && text ? JSON.parse(text) : null,
      etag: response.headers.get('etag'),
    }
  }

  /** A read that must succeed; its value. */
  async get(account, path) {
    const answer = await this.ask(account, 'GET', path)
    assert.equal(answer.status, 200, `${account} GET ${path}: ${answer.text}`)
    return answer.value
  }

  async post(account, path, body, headers) {
    return this.ask(account, 'POST', path, { body, headers })
  }

  /** A record that must be made; its value. */
  async make(account, kind, place, fields, headers) {
    const answer = await this.post(account, '/api/v1/records', { kind, place, fields }, headers)
    assert.equal(answer.status, 201, `${account} makes ${kind}: ${answer.text}`)
    return answer.value
  }

  /** A step under the revision that stands now; the answer. */
  async tryStep(account, id, step, fields = {}, headers = {}) {
    const now = await this.ask(account, 'GET', `/api/v1/records/${id}`)
    return this.post(account, `/api/v1/records/${id}/steps/${step}`, { fields },
      { 'If-Match': now.etag ?? '"1"', ...headers })
  }

  /** A step that must succeed; the record. */
  async step(account, id, step, fields, headers) {
    const answer = await this.tryStep(account, id, step, fields, headers)
    assert.equal(answer.status, 200, `${account} makes ${step}: ${answer.text}`)
    return answer.value
  }

  async photo(account) {
    const form = new FormData()
    form.set('file', new Blob([picture()], { type: 'image/png' }), 'photo.png')
    const answer = await this.ask(account, 'POST', '/api/v1/files', { body: form })
    assert.equal(answer.status, 201, `${account} sends a photograph: ${answer.text}`)
    return answer.value.digest
  }

  /** {person, unit, place, post} of an account's first post. */
  async self(account) {
    const me = await this.get(account, '/api/v1/me')
    const { post, unit, place } = me.posts[0]
    return { person: me.person, post, unit, place }
  }

  async run(args, options) {
    return run([...args, '--db', this.db], options)
  }

  async stop() {
    try {
      assert.equal(await this.server.end(), 0, 'serve ends with 0')
      const proof = await json(['verify', '--db', this.db, '--figures'])
      assert.ok(proof.events > 0, 'the log has events')
      assert.equal((await json(['rebuild', '--db', this.db])).differs, null, 'a rebuild differs')
    } finally {
      await this.server.end('SIGKILL')
      await dropStore(this.db)
      await rm(this.at, { recursive: true, force: true })
    }
  }
}

/** A small city of one's own, served. */
export async function start(more = []) {
  const at = await folder()
  const db = await madeOnce('city', at, async (address) => {
    const made = await run(['init', '--db', address, '--demo', 'wuxi', '--scale', 'small', '--seed', '7',
      '--password', PASSWORD])
    assert.equal(made.code, 0, `init: ${made.err}`)
  })
  return new City(at, db, await serve(db, undefined, {}, more))
}

/** An RFC 9457 problem of this status, whole; the document. */
export function problem(answer, status, pointer) {
  assert.equal(answer.status, status, answer.text)
  assert.match(answer.headers.get('content-type'), /^application\/problem\+json/)
  const doc = answer.value
  for (const name of ['type', 'title', 'detail']) assert.equal(typeof doc[name], 'string', `${name}: ${answer.text}`)
  assert.equal(doc.status, status)
  for (const { pointer: at, detail } of doc.errors) assert.ok(typeof at === 'string' && detail, answer.text)
  if (pointer !== undefined) {
    assert.ok(doc.errors.some((e) => e.pointer === pointer), `points at ${pointer}: ${answer.text}`)
  }
  return doc
}

/** Ends the server, lets `between` run a command that writes, and serves the same store again. */
export async function restart(city, between) {
  assert.equal(await city.server.end(), 0, 'serve ends with 0')
  await between()
  city.server = await serve(city.db)
  city.base = city.server.base
}
