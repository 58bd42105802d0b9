// SPDX-License-Identifier: Apache-2.0
// The text of every statement `zhiben statements` lists and of every key in sql/, against what Citus
// would ask of them: test/cases/citus.json says by which column each table would be spread, which
// tables would be whole on every node, and which statements do not name that column, with the reason.
// No Citus is run here.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run } from './harness.mjs'

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const law = JSON.parse(await readFile(join(TOP, 'test/cases/citus.json'), 'utf8'))
const columnOf = new Map(Object.entries(law.by).flatMap(([column, tables]) => tables.map((table) => [table, column])))
const SPREAD = new RegExp(`\\b(?:${[...columnOf.keys()].join('|')})\\b(?!\\.)|<table>`, 'g')

/** Statements with their file, but for the other engine's own and for the schema. */
async function statements() {
  const all = []
  let file
  for (const line of (await run(['statements'])).out.trim().split('\n')) {
    if (line.startsWith('-- ')) file = line.slice(3)
    else if (file !== 'store/sqlite.c' && (!file.startsWith('sql/') || file === 'sql/built.txt')) all.push(line)
  }
  return all.filter((line) => !/^(CREATE|ALTER|DROP|DO|PRAGMA)\b/.test(line))
}

/** Whether each mention of a table that is spread comes with a comparison or a value of its column. */
export function names(line) {
  const text = line.replace(/\{([a-z_]+)\|[a-z_]+\}/g, '$1')
  const said = [...text.matchAll(SPREAD)].map(([table]) => columnOf.get(table) ?? 'stream')
  if (!said.length) return true
  const into = /^INSERT INTO (\S+) ?\(([^)]*)\)/.exec(text)
  const conflict = /ON CONFLICT \(([^)]*)\)/.exec(text)
  return [...new Set(said)].every((column) => {
    const named = new RegExp(`\\b${column}\\b`)
    const compared = [...text.matchAll(new RegExp(`\\b${column}(?: =| IN\\b| BETWEEN\\b)|= (?:[a-z_]+\\.)?${column}\\b(?! =)`, 'g'))].length
    const own = into && (columnOf.get(into[1]) ?? (into[1] === '<table>' && 'stream')) === column ? 1 : 0
    if (own && !named.test(into[2]) && into[2] !== '<columns>') return false
    if (own && conflict && !named.test(conflict[1])) return false
    return compared + own >= said.filter((one) => one === column).length
  })
}

test('each table is spread by a column of every one of its keys, or whole on every node', async () => {
  const sql = (await Promise.all(['kept', 'derived', 'search-postgresql'].map((name) => readFile(join(TOP, `sql/${name}.sql`), 'utf8'))))
    .join('\n').replace(/--[^\n]*/g, '')
  const without = []
  const tables = [...sql.matchAll(/CREATE TABLE ([a-z_]+) \(([^]*?)\n\)/g)]
  for (const [, table, body] of tables) {
    const column = columnOf.get(table)
    assert.ok(Boolean(column) !== law.whole.includes(table), `${table} stands once in test/cases/citus.json`)
    if (!column) continue
    const indexes = [...sql.matchAll(new RegExp(`CREATE UNIQUE INDEX \\S+ ON ${table} \\(([^)]*)\\)`, 'g'))]
    const keys = [...body.matchAll(/(?:PRIMARY KEY|UNIQUE) \(([^)]*)\)/g), ...indexes].map((m) => m[1])
    keys.push(...[...body.matchAll(/^ *([a-z_]+) [^(),]*(?:PRIMARY KEY|\{serial\})/gm)].map((m) => m[1]))
    assert.ok(keys.length, `${table} has a key`)
    for (const key of keys) if (!key.split(', ').includes(column)) without.push(`${table} (${key})`)
  }
  assert.equal(tables.length, columnOf.size + law.whole.length)
  assert.deepEqual(without, Object.keys(law.keys))
})

test('each statement names that column, or stands with its reason in test/cases/citus.json', async () => {
  const without = [...new Set((await statements()).filter((line) => !names(line)))].sort()
  assert.deepEqual(without, law.without.flatMap(({ statements: all }) => all).sort())
})

test('the check of a text can fail', () => {
  for (const line of ['SELECT rev FROM record_now WHERE stream = ? AND rid = ?', 'SELECT 1 FROM org_unit WHERE id = ?',
    'INSERT INTO chain_head (stream, seq) VALUES (?, ?)', 'SELECT 1 FROM record_vis v JOIN record_now n ON n.rid = v.rid AND n.stream = v.stream WHERE v.stream = ?']) {
    assert.ok(names(line), line)
  }
  for (const line of ['SELECT rev FROM record_now WHERE rid = ?', 'INSERT INTO chain_head (seq) VALUES (?)', 'DELETE FROM record_due',
    'SELECT 1 FROM record_vis v JOIN record_now n ON n.rid = v.rid WHERE v.stream = ?',
    'INSERT INTO rollup_sum (node, amount) VALUES (?, ?) ON CONFLICT (figure) DO NOTHING']) {
    assert.ok(!names(line), line)
  }
})
