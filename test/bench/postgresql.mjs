// SPDX-License-Identifier: Apache-2.0
// Creations on PostgreSQL beside pgbench, which sends the statements of the limit: the record, one event,
// the same visibility rows, those by due among them, in one transaction each. Run inside script/postgresql.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execute, load, median, Process, ZHIBEN } from './process.mjs'
import { PASSWORD, Scene } from './scene.mjs'

const SOCKET = process.env.ZHIBEN_POSTGRESQL
const DATABASE = 'zhiben_bench'

async function psql(database, sql) {
  return (await execute('psql', ['-h', SOCKET, '-U', 'postgres', '-d', database, '-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', sql],
    { maxBuffer: 1 << 28 })).stdout.trim()
}

/* A value as SQL; what begins with : is pgbench's. */
const quoted = (v) => (v === null ? 'NULL' : typeof v === 'number' || /^-?\d{7,}$/.test(v) || /^[:]/.test(v) ? String(v)
  : `'${String(v).replaceAll("'", "''").replaceAll(':', "'||chr(58)||'")}'`)

const insert = (table, rows, other) => {
  const names = Object.keys(rows[0])
  const values = rows.map((row) => `(${names.map((n) => quoted(n in other ? other[n] : row[n])).join(', ')})`)
  return `INSERT INTO zhiben.${table} (${names.join(', ')}) VALUES ${values.join(', ')};`
}

/** What the newest creation left, as a script that leaves it again under other ids. */
async function again() {
  const rows = async (table, columns) => JSON.parse(await psql(DATABASE, `SET search_path = zhiben; SELECT json_agg(x) FROM
    (SELECT ${columns} FROM ${table} WHERE rid = (SELECT max(rid) FROM record_now)) x`))
  const record = await rows('record_now', `stream, rid::text, rev, kind, version, place, line, lines, unit, desk, state, level,
    cycle, born, due, sealed, title, fields, private, clocks, parties, seq`)
  const event = await rows('chain_event', `stream, seq, rid::text, rev, at, state, level, line, place, unit, sealed,
    encode(body, 'hex') AS body, encode(digest, 'hex') AS digest`)
  const vis = await rows('record_vis', 'key::text, facet, rid::text, stream, line')
  const due = await rows('record_due_vis', 'key::text, facet, due::text, rid::text, stream')
  for (const name of ['body', 'digest']) event[0][name] = `\\x${event[0][name]}`
  const other = { rid: ':rid::bigint', seq: ':rid::bigint' }
  return ['\\set rid random(1, 9000000000000000)', 'BEGIN;', insert('record_now', record, other),
    insert('chain_event', event, other), insert('record_vis', vis, other), insert('record_due_vis', due, other), 'COMMIT;', '']
    .join('\n')
}

async function pgbench(script, clients, each) {
  const { stdout } = await execute('pgbench', ['-h', SOCKET, '-U', 'postgres', '-n', '-M', 'prepared', '-c', String(clients), '-j', '1',
    '-t', String(Math.ceil(each / clients)), '-f', script, DATABASE])
  return Number(/tps = ([\d.]+)/.exec(stdout)[1])
}

export async function measurePostgresql({ at, rounds, writes, say, spread }) {
  const folder = join(at, 'postgresql')
  mkdirSync(folder)
  await psql('postgres', `CREATE DATABASE ${DATABASE}`)
  const db = `postgresql://postgres@/${DATABASE}?host=${encodeURIComponent(SOCKET)}&folder=${encodeURIComponent(folder)}`
  await execute(ZHIBEN, ['init', '--db', db, '--demo', 'wuxi', '--scale', 'small', '--seed', '7', '--password', PASSWORD])
  const ours = await Process.start(ZHIBEN, ['serve', '--db', db, '--listen', '127.0.0.1:0'], at)
  Object.assign(ours, { base: `http://127.0.0.1:${ours.port}`, speaks: true })
  const scene = await Scene.open(ours, at)
  const many = (n) => Promise.all(Array.from({ length: n }, () => scene.create()))
  await load(ours, at, 1, 2, await many(2))
  const script = join(at, 'creation.sql')
  writeFileSync(script, await again())
  say('PostgreSQL, one creation', 'clients', 'ours a second', 'pgbench a second', 'ratio (spread)', 'goal', 'CPU of the server')
  say(...Array(7).fill('---'))
  for (const clients of [1, 32]) {
    const pairs = []
    for (let i = 0; i < rounds; i++) {
      const n = clients === 1 ? writes : writes * 5
      const mine = await load(ours, at, clients, n, await many(n))
      pairs.push({ ours: 1e6 / mine.each_us, cpu: mine.cpu_us, bench: await pgbench(script, clients, n) })
    }
    const of = (what) => median(pairs.map((p) => p[what])).toFixed(0)
    say('create', clients, of('ours'), of('bench'), spread(pairs.map((p) => p.ours / p.bench)), 0.5, `${of('cpu')} µs`)
  }
  await ours.stop()
}
