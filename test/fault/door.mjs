// SPDX-License-Identifier: Apache-2.0
// A server whose calls to its store fail when a test asks: door.c loaded before the release binary.
//
//   const door = await hang(city); door.arm(HOW, n); …; door.open()
//
// `sweep` makes the calls of one act fail one after another and asks what must hold each time: a clean
// refusal or the act itself, never half of it; and the same request under the same key done once.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { problem, serve } from '../api/harness.mjs'
import { POSTGRESQL } from '../api/store.mjs'

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), 'door.c')
const STATEMENT = 1
const PREPARE = 2
const BIND = 4
const WRITE = 8
const FLUSH = 16
const ANSWER = 32
const NAME = 64
export const EVER = 0xffffffff

const FULL = 13
const IOERR = 10
const NOMEM = 7
const BUSY = 5
const EIO = 5
const ENOSPC = 28

/** Ways in which a call fails: which calls, the code, whether it ends the transaction, whether it goes on failing. */
export const WAYS = POSTGRESQL ? [
  { name: 'a statement refused', what: STATEMENT, code: '53200' },
  { name: 'a statement refused for want of room', what: STATEMENT, code: '53100' },
  { name: 'a transaction refused', what: STATEMENT, code: '40001' },
  { name: 'the connection cut before a statement', what: STATEMENT, ends: true },
  { name: 'the connection cut before an answer', what: ANSWER, ends: true },
  { name: 'a preparation refused', what: PREPARE, code: '53200' },
  { name: 'every statement refused from there on', what: STATEMENT, code: '53200', ever: true },
  { name: 'every connection cut from there on', what: STATEMENT, ends: true, ever: true },
] : [
  { name: 'a statement refused', what: STATEMENT, code: IOERR },
  { name: 'the store busy', what: STATEMENT, code: BUSY },
  { name: 'a statement that ends its transaction', what: STATEMENT, code: FULL, ends: true },
  { name: 'no memory to prepare', what: PREPARE, code: NOMEM },
  { name: 'no memory for a value', what: BIND, code: NOMEM },
  { name: 'a write that fails', what: WRITE | NAME, code: ENOSPC },
  { name: 'a flush that fails', what: FLUSH, code: EIO },
  { name: 'every statement refused from there on', what: STATEMENT, code: IOERR, ever: true },
  { name: 'every statement ends its transaction from there on', what: STATEMENT, code: NOMEM, ends: true, ever: true },
  { name: 'every write and flush fails from there on', what: WRITE | FLUSH | NAME, code: ENOSPC, ever: true },
]

/** What a process is loaded with, and the file by which a test decides. */
export async function build(at) {
  const library = join(at, 'door.so')
  await promisify(execFile)('cc', ['-std=gnu11', '-D_GNU_SOURCE', '-O1', '-shared', '-fPIC', '-o', library, SOURCE])
  const path = join(at, 'door')
  const fd = openSync(path, 'w+')
  const set = (...numbers) => writeSync(fd, Uint8Array.from(Buffer.from(Uint32Array.from(numbers).buffer)), 0, numbers.length * 4, 0)
  const open = () => set(0, 0, 0, 0, 0)
  set(0, 0, 0, 0, 0, 0, 0)
  return {
    env: { LD_PRELOAD: library, FAULT_DOOR: path },
    open,
    arm(way, n) {
      set(0, 0, 0, 0, 0, 0, 0)
      set(way.what, n, way.ever ? EVER : n, Number(way.code ?? 0), way.ends ? 1 : 0)
    },
    read() {
      const words = new Uint32Array(7)
      readSync(fd, new Uint8Array(words.buffer), 0, 28, 0)
      return { calls: words[5], failed: words[6] }
    },
    close() { closeSync(fd) },
  }
}

/** Serves a city anew behind a door. */
export async function hang(city) {
  const door = await build(city.at)
  assert.equal(await city.server.end(), 0)
  city.server = await serve(city.db, undefined, door.env)
  city.base = city.server.base
  return door
}

const clean = (answer, good) => answer.status === good || problem(answer, answer.status >= 503 ? 503 : 500)

/**
 * Makes calls of an act fail one after another, `tries` of them spread over the whole act, the last ones
 * among them (the commit). The act: `begin(name)` makes what it is made on, `act(it)` asks, `good` is its
 * status, `same(it)` identifies what was done, `done(it)` counts how often it was.
 */
export async function sweep(door, act, way, tries = Infinity) {
  const fresh = () => act.begin(randomBytes(6).toString('hex'))
  const whole = await fresh()
  door.arm(way, EVER)
  const first = await act.act(whole)
  const { calls } = door.read()
  door.open()
  assert.equal(first.status, act.good, first.text)
  assert.equal(await act.done(whole, first), 1)
  for (let left = Math.min(tries, calls); left > 0; left--) {
    const n = calls - Math.floor((calls * (left - 1)) / Math.min(tries, calls))
    const where = `${act.name}, ${way.name}, call ${n} of ${calls}`
    const it = await fresh()
    door.arm(way, n)
    const answer = await act.act(it)
    door.open()
    clean(answer, act.good)
    const again = await act.act(it)
    assert.equal(again.status, act.good, `${where}: asked again: ${again.text}`)
    if (answer.status === act.good) assert.equal(act.same(answer), act.same(again), `${where}: the same answer`)
    assert.equal(await act.done(it, again), 1, `${where}: done once (first answered ${answer.status})`)
  }
}
