// SPDX-License-Identifier: Apache-2.0
// Ours and the limit, in turn, several times, on the same machine, disk and data; medians of the pairs.
// script/bench builds what this runs and says the options.
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fill } from './fill.mjs'
import { execute, LIMIT, load, median, Process, stopAll, ZHIBEN } from './process.mjs'
import { machine, newest, PASSWORD, Scene } from './scene.mjs'
import { measurePostgresql } from './postgresql.mjs'
import { measureReads } from './reads.mjs'

const { values: asked } = parseArgs({ options: {
  records: { type: 'string', default: '20000' },
  rounds: { type: 'string', default: '3' },
  writes: { type: 'string', default: '200' },
  only: { type: 'string', default: '' },
  json: { type: 'string', default: '' },
} })
const ROUNDS = Number(asked.rounds)
const WRITES = Number(asked.writes)
const MANY = 32

const at = mkdtempSync(join(tmpdir(), 'zhiben-bench-'))
const db = join(at, 'city.db')
const lines = []

function say(...cells) {
  lines.push(cells)
  console.log(`| ${cells.join(' | ')} |`)
}

const us = (n) => (n >= 9950 ? `${(n / 1000).toFixed(1)} ms` : `${n.toFixed(0)} µs`)
const spread = (list) => `${median(list).toFixed(2)} (${Math.min(...list).toFixed(2)}–${Math.max(...list).toFixed(2)})`

async function serveOurs() {
  const server = await Process.start(ZHIBEN, ['serve', '--db', `sqlite:${db}`, '--listen', '127.0.0.1:0'], at)
  Object.assign(server, { base: `http://127.0.0.1:${server.port}`, speaks: true })
  return server
}

/** Made once by the product: a creation, and a creation with one step, for the limit to write again. */
async function leaveRows(server, scene) {
  const made = await load(server, at, 1, 2, [await scene.create(), await scene.create()], { keep: true })
  const { location, etag } = made.answers[1]
  await load(server, at, 1, 1, [await scene.step('firm', location, etag, 'judge', { level: 'general' })])
}

const many = (n, make) => Promise.all(Array.from({ length: n }, (_, i) => make(i)))

/* Each returns, a round, [ours, limit]. */
const WRITING = {
  create: async (s, clients, n) => [
    await load(s.ours, at, clients, n, await many(n, () => s.scene.create()), { keep: true }),
    await load(s.limit, at, clients, n, [s.bare('/create')], { keep: true }),
  ],
  'create, judged and ordered': async (s, clients, n) => [
    await load(s.ours, at, clients, n, await many(n, () => s.scene.create(true))),
    await load(s.limit, at, clients, n, [s.bare('/create')]),
  ],
  step: async (s, clients, n) => {
    const [ours, limit] = await WRITING.create(s, clients, n)
    return [
      await load(s.ours, at, clients, n, await Promise.all(ours.answers.map((a) =>
        s.scene.step('firm', a.location, a.etag, 'judge', { level: 'general' })))),
      await load(s.limit, at, clients, n, limit.answers.map((a) => s.bare(a.location))),
    ]
  },
}

async function measureWrites(s, alone) {
  say('one write', 'clients', 'ours', 'limit', 'ratio of rates (spread)', 'goal', 'CPU ours', 'CPU limit', 'CPU ×',
    'behind', 'flushes ours', 'flushes limit')
  say(...Array(12).fill('---'))
  const held = []
  for (const [name, measure] of Object.entries(WRITING)) {
    for (const [clients, goal] of [[1, 0.4], [MANY, 0.35]]) {
      const pairs = []
      for (let i = 0; i < ROUNDS; i++) pairs.push(await measure(s, clients, clients === 1 ? WRITES : WRITES * 5))
      const of = (side, what) => median(pairs.map((p) => p[side][what]))
      say(name, clients, us(of(0, 'each_us')), us(of(1, 'each_us')),
        spread(pairs.map((p) => p[1].each_us / p[0].each_us)), name.includes(',') ? '—' : goal, us(of(0, 'cpu_us')),
        us(of(1, 'cpu_us')), `${(of(0, 'cpu_us') / of(1, 'cpu_us')).toFixed(1)} of 3`, us(of(0, 'background_us')),
        of(0, 'flushes').toFixed(2), of(1, 'flushes').toFixed(2))
      const bare = alone[`${name} ${clients}`]
      if (bare) held.push(`${name}, ${clients}: ${(bare / of(1, 'each_us')).toFixed(2)}`)
    }
  }
  await measureLoop(s)
  console.log(`\nThe limit's share of its own rate without HTTP (counts at 0.6): ${held.join('; ')}.`)
}

/* Found, judged and ordered, applied for, verified: what a person does one after the other. */
async function measureLoop(s) {
  const times = []
  const photo = await s.scene.photo()
  const one = async (account, what) => (await load(s.ours, at, 1, 1, [what], { keep: true }))
  for (let i = 0; i < Math.max(20, WRITES / 5); i++) {
    const made = await one('firm', await s.scene.create())
    const { location } = made.answers[0]
    let { etag } = made.answers[0]
    let spent = made.median_us
    for (const [account, step, fields] of [['firm', 'judge', s.scene.judgement()],
      ['firm', 'apply', { after_photos: [photo], result: '已清理' }], ['boss', 'verify_inside', { opinion: '合格' }]]) {
      const done = await one(account, await s.scene.step(account, location, etag, step, fields))
      spent += done.median_us
      etag = done.answers[0].etag
    }
    times.push(spent)
  }
  say('loop of four, each awaited', 1, us(median(times)), '', '', `2 ms + 4 flushes`, '', '', '', '', '', '')
}

async function measureLimit(copy, ids) {
  console.log('\nThe limit against itself without HTTP (counts at 0.6 or more), and one flush of 4 kB:\n')
  say('limit', 'group', 'without HTTP', 'store calls a second', 'CPU', 'store calls')
  say(...Array(6).fill('---'))
  const found = {}
  for (const group of [1, MANY]) {
    const runs = []
    for (let i = 0; i < ROUNDS; i++) {
      const { stdout } = await execute(LIMIT, ['loop', copy, ...ids, String(WRITES * 5), String(group)])
      runs.push(JSON.parse(stdout))
    }
    for (const what of ['create', 'step']) {
      const of = (name) => median(runs.map((r) => r[what][name]))
      found[`${what} ${group}`] = of('us')
      say(what, group, us(of('us')), of('calls_per_s').toFixed(0), us(of('cpu_us')), of('calls').toFixed(1))
    }
  }
  const { stdout } = await execute(LIMIT, ['flush', join(at, 'flush'), '500'])
  const flush = JSON.parse(stdout)
  console.log(`\nA flush: ${us(flush.median_us)} (99 in 100 below ${us(flush.p99_us)}).\n`)
  return found
}

/* A step of a kind with its figures against the same kind without: two stores, in turn. */
async function measureFigures() {
  const bare = join(at, 'bare.db')
  cpSync(db, bare)
  cpSync(`${db}.key`, `${bare}.key`)
  const kind = JSON.parse(readFileSync(join(import.meta.dirname, '../../definitions/hazard.json'), 'utf8'))
  const file = join(at, 'hazard.json')
  writeFileSync(file, JSON.stringify({ ...kind, version: kind.version + 1, figures: [] }))
  await execute(ZHIBEN, ['adopt', '--db', `sqlite:${bare}`, file])
  const sides = []
  for (const path of [db, bare]) {
    const server = await Process.start(ZHIBEN, ['serve', '--db', `sqlite:${path}`, '--listen', '127.0.0.1:0'], at)
    Object.assign(server, { base: `http://127.0.0.1:${server.port}`, speaks: true })
    sides.push({ ours: server, scene: await Scene.open(server, at), limit: server })
  }
  console.log('\nA step with figures and without:\n')
  say('one write', 'clients', 'with', 'without', 'time × (goal 1.25)', 'CPU with', 'CPU without', 'CPU ×')
  say(...Array(8).fill('---'))
  for (const [clients, n] of [[1, WRITES], [MANY, WRITES * 5]]) {
    const runs = { create: [[], []], step: [[], []] }
    for (let i = 0; i < ROUNDS; i++) {
      for (const [side, s] of sides.entries()) {
        const made = await load(s.ours, at, clients, n, await many(n, () => s.scene.create()), { keep: true })
        runs.create[side].push(made)
        runs.step[side].push(await load(s.ours, at, clients, n, await Promise.all(made.answers.map((a) =>
          s.scene.step('firm', a.location, a.etag, 'judge', { level: 'general' })))))
      }
    }
    for (const [name, r] of Object.entries(runs)) {
      const of = (side, what) => median(r[side].map((x) => x[what]))
      say(name, clients, us(of(0, 'each_us')), us(of(1, 'each_us')), (of(0, 'each_us') / of(1, 'each_us')).toFixed(2),
        us(of(0, 'cpu_us')), us(of(1, 'cpu_us')), (of(0, 'cpu_us') / of(1, 'cpu_us')).toFixed(2))
    }
  }
  for (const s of sides) await s.ours.stop()
}

async function main() {
  console.log(`Machine: ${await machine()}; ${asked.records} synthetic records, ${ROUNDS} rounds.\n`)
  if (loadavg()[0] > availableParallelism()) {
    console.log('Others use this machine now: compare the CPU, not the clock.\n')
  }
  if (asked.only === 'postgresql') {
    await measurePostgresql({ at, rounds: ROUNDS, writes: WRITES, say, spread })
    return
  }
  await execute(ZHIBEN, ['init', '--db', `sqlite:${db}`, '--demo', 'wuxi', '--scale', 'small', '--seed', '7', '--password',
    PASSWORD])
  fill(db, Number(asked.records))
  await execute(ZHIBEN, ['tick', '--db', `sqlite:${db}`])
  if (asked.only === 'figures') return measureFigures()
  let ours = await serveOurs()
  let scene = await Scene.open(ours, at)
  await leaveRows(ours, scene)
  await ours.stop()
  const ids = newest(db, 2)
  const copy = join(at, 'limit.db')
  const bare = (path) => Buffer.from(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(1000)}`)
  cpSync(db, copy)
  let bareRates = {}
  if (!asked.only || asked.only === 'write') {
    const alone = join(at, 'alone.db')
    cpSync(db, alone)
    bareRates = await measureLimit(alone, ids)
  }
  ours = await serveOurs()
  scene = await Scene.open(ours, at)
  const s = { ours, scene, bare, at, copy, ids, rounds: ROUNDS, many: MANY, say, us, spread, serve: serveOurs }
  if (asked.only !== 'write') await measureReads(s, db, asked.only === 'board')
  s.limit = await Process.start(LIMIT, ['serve', copy, ...ids], at)
  if (!asked.only || asked.only === 'write') await measureWrites(s, bareRates)
  await s.limit.stop()
  await s.ours.stop()
  console.log(`\nBinary with the pages inside: ${(statSync(ZHIBEN).size / 1e6).toFixed(1)} MB (below 20).`)
  if (asked.json) writeFileSync(asked.json, JSON.stringify(lines, null, 1))
}

try {
  await main()
} finally {
  await stopAll()
  rmSync(at, { recursive: true, force: true })
}
