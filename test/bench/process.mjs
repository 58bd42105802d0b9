// SPDX-License-Identifier: Apache-2.0
// What is measured of a process: its CPU, its memory, its flushes; and the client that loads it.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const BUILD = join(TOP, 'build/release')
export const ZHIBEN = join(BUILD, 'zhiben')
export const LIMIT = join(BUILD, 'test/bench/bench_limit')
const LOAD = join(BUILD, 'test/bench/bench_load')
const SYNC = join(BUILD, 'test/bench/libbench_sync.so')

export const execute = promisify(execFile)

const running = new Set()

/** Ends what a failed run left behind. */
export async function stopAll() {
  for (const p of running) await p.stop()
}

/** A process that prints the line with its address when it is ready, under a count of its flushes. */
export class Process {
  static async start(program, args, at) {
    const p = new Process()
    p.counter = join(at, `flushes-${process.pid}-${Math.random()}`)
    writeFileSync(p.counter, Buffer.alloc(8))
    p.child = spawn(program, args, {
      env: { ...process.env, LD_PRELOAD: SYNC, BENCH_SYNC: p.counter }, stdio: ['ignore', 'pipe', 'ignore'],
    })
    running.add(p)
    p.port = await new Promise((found, failed) => {
      let said = ''
      p.child.stdout.setEncoding('utf8').on('data', (part) => {
        said += part
        const line = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said)
        if (line) found(Number(line[1]))
      })
      p.child.once('exit', (code) => failed(new Error(`${program} ended with ${code}`)))
    })
    return p
  }

  get flushes() {
    return Number(readFileSync(this.counter).readBigUInt64LE(0))
  }

  /** Microseconds of CPU of all its threads; they live as long as it does. */
  get cpu() {
    const tasks = `/proc/${this.child.pid}/task`
    return readdirSync(tasks).reduce(
      (sum, id) => sum + Number(readFileSync(`${tasks}/${id}/schedstat`, 'utf8').split(' ')[0]) / 1000, 0)
  }

  /** MB of a line of /proc/PID/status. */
  memory(name) {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8')
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]) / 1024
  }

  async stop() {
    running.delete(this)
    if (this.child.exitCode !== null) return
    const over = once(this.child, 'exit')
    this.child.kill('SIGTERM')
    await over
  }
}

/** The text of one HTTP request. */
export function request(method, path, { token, body, headers = {} } = {}) {
  const text = body === undefined ? '' : JSON.stringify(body)
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1']
  if (token) lines.push(`Authorization: Bearer ${token}`)
  if (body !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`)
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`)
}

let loads = 0

/** Sends the requests in turn by so many clients; what it cost both sides. `answers` are kept on demand. */
export async function load(server, at, clients, count, requests, { keep = false } = {}) {
  const file = join(at, `requests-${loads++}`)
  writeFileSync(file, Buffer.concat(requests.flatMap((q) => [Buffer.from(`${q.length}\n`), q])))
  const before = { cpu: server.cpu, flushes: server.flushes, background: await background(server) }
  const { stdout, stderr } = await execute(LOAD, [server.port, clients, count, file, `${file}.answers`].map(String))
  const cpu = server.cpu - before.cpu
  const behind = await background(server) - before.background
  const said = JSON.parse(stdout)
  assert.equal(said.failed, 0, `refused while measured: ${stderr}`)
  return {
    ...said,
    each_us: said.us / count, // of wall clock; with one client the time of a request
    cpu_us: (cpu - behind) / count,
    background_us: behind / count,
    flushes: (server.flushes - before.flushes) / count,
    answers: keep ? readFileSync(`${file}.answers`, 'utf8').trim().split('\n').map((line) => {
      const [status, location, etag] = line.split(' ')
      return { status: Number(status), location, etag }
    }) : null,
  }
}

/** Microseconds of CPU the product itself says no answer waits for; the limit has none. */
export async function background(server) {
  if (!server.speaks) return 0
  const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text()
  return Number(/^zhiben_background_cpu_seconds_total (\S+)$/m.exec(text)[1]) * 1e6
}

export function median(list) {
  const sorted = [...list].sort((a, b) => a - b)
  const at = sorted.length >> 1
  return sorted.length % 2 ? sorted[at] : (sorted[at - 1] + sorted[at]) / 2
}

