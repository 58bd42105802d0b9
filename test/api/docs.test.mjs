// SPDX-License-Identifier: Apache-2.0
// The documentation is true: its commands run, its links lead somewhere, its names are those of the
// schema and the sources, and a proof leads to its root as kept-format.md says.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { hex, keyOf, leaf, node, sha, signed } from '../verifier.mjs'
import { serve } from './harness.mjs'

const TOP = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')
const ZHIBEN = resolve(process.env.ZHIBEN ?? join(TOP, 'build/release/zhiben'))
const read = (path) => readFileSync(join(TOP, path), 'utf8')
const under = (folder, end) => readdirSync(join(TOP, folder)).filter((name) => name.endsWith(end))
  .map((name) => `${folder}/${name}`)

// docs/plan.md and docs/done/ tell what was and will be, not what is.
const DOCS = [...under('docs', '.md'), ...under('docs/adr', '.md'), ...under('docs/screens', '.md')]
  .filter((path) => path !== 'docs/plan.md').sort()
const PAGES = ['README.md', 'README.zh-CN.md', 'test/README.md', ...DOCS]

let folder
let store // a demonstration store that the tests below copy
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zhiben-docs-'))
  await mkdir(join(folder, 'bin'))
  await symlink(ZHIBEN, join(folder, 'bin', 'zhiben'))
  store = join(folder, 'demo.db')
  const made = await shell('zhiben init --db sqlite:demo.db --demo wuxi --scale small --seed 7 ' +
    '--password zhiben-demo-2026', folder)
  assert.equal(made.code, 0, made.err)
})
after(() => rm(folder, { recursive: true, force: true }))

function shell(line, cwd, env = {}) {
  const path = `${join(folder, 'bin')}:${process.env.PATH}`
  const options = { cwd, maxBuffer: 1 << 28, env: { ...process.env, LANG: 'C.UTF-8', LC_ALL: '', PATH: path, ...env } }
  return new Promise((done) => {
    execFile('sh', ['-c', line], options, (error, out, err) => {
      done({ code: error ? error.code ?? 1 : 0, out, err })
    })
  })
}

/** Fenced blocks of a page with the marks that stand right before each. */
function* blocks(page) {
  const lines = read(page).split('\n')
  for (let n = 0; n < lines.length; n++) {
    const fence = /^```(\w*)$/.exec(lines[n])
    if (!fence) continue
    const start = n + 1
    while (lines[++n] !== '```') assert.ok(n < lines.length, `${page}:${start}: a fence is not closed`)
    const mark = /^<!-- (not run|file): (.+) -->$|^<!-- exit (\d+): (.+) -->$/.exec(lines[start - 2] ?? '')
    yield { page, line: start, language: fence[1], body: lines.slice(start, n), mark }
  }
}

// ---- commands ----

/** What the pages call $UNIT, $FIRM and $PLACE: the office's unit; the firm's unit and place. */
async function named(db) {
  const { DatabaseSync } = await import('node:sqlite')
  const open = new DatabaseSync(db, { readOnly: true })
  const unit = (account) => open.prepare('SELECT u.id AS id, p.code AS code FROM org_account a ' +
    'JOIN org_post o ON o.person = a.person JOIN org_unit u ON u.id = o.unit ' +
    'JOIN org_place p ON p.id = u.place WHERE a.account = ?').get(account)
  const firm = unit('firm')
  const out = { UNIT: `u${unit('bureau').id}`, FIRM: `u${firm.id}`, PLACE: firm.code }
  open.close()
  return out
}

async function runPage(page) {
  const at = join(folder, page.replaceAll('/', '-'))
  await mkdir(at)
  for (const name of ['definitions', 'standards', 'test']) await symlink(join(TOP, name), join(at, name))
  const env = await named(store)
  let ran = 0
  for (const block of blocks(page)) {
    const text = block.body.join('\n')
    if (block.mark?.[1] === 'file') {
      assert.match(block.mark[2], /^[\w.-]+$/)
      await writeFile(join(at, block.mark[2]), text.replace(/\$([A-Z]+)/g, (all, name) => env[name] ?? all) + '\n')
    }
    if (block.language !== 'sh') continue
    const [, what, why] = block.mark ?? []
    if (what === 'not run') {
      assert.ok(why.length > 10, `${page}:${block.line}: say why it is not run`)
      continue
    }
    const expected = Number(block.mark?.[3] ?? 0)
    for (const [n, line] of block.body.entries()) {
      if (!/^(zhiben |script\/)/.test(line)) continue
      const done = await shell(line, line.startsWith('script/') ? TOP : at, env)
      assert.equal(done.code, expected, `${page}:${block.line + n + 1}: ${line}\n${done.out.slice(0, 2000)}${done.err}`)
      if (line.startsWith('zhiben rebuild ')) assert.equal(JSON.parse(done.out).differs, null, `${page}: ${line}`)
      ran++
    }
  }
  return ran
}

test('every command of the pages runs and ends as they say', async () => {
  const ran = {}
  for (const page of PAGES) ran[page] = await runPage(page)
  assert.ok(ran['docs/operations.md'] >= 15, JSON.stringify(ran))
  assert.ok(ran['docs/adding.md'] >= 5, JSON.stringify(ran))
})

test('every command of the binary is in operations.md or said to be elsewhere', async () => {
  const { out } = await shell('zhiben help', folder)
  const names = [...out.matchAll(/^ {2}zhiben (\w+)/gm)].map((m) => m[1])
  assert.ok(names.length > 10)
  const page = read('docs/operations.md')
  for (const name of names) assert.ok(new RegExp(`zhiben ${name}\\b|\`${name}\``).test(page), name)
})

test('the example of definitions.md loads together with what is shipped', async () => {
  const example = [...blocks('docs/definitions.md')].find((b) => b.language === 'json')
  const at = join(folder, 'example')
  await mkdir(at)
  await writeFile(join(at, 'suggestion.json'), example.body.join('\n'))
  const done = await shell(`zhiben definitions check ${at}`, folder)
  assert.equal(done.code, 0, done.out + done.err)
})

// ---- links, paths, names ----

const withoutBlocks = (text) => text.replace(/^```[^]*?^```$/gm, (block) => block.replace(/[^\n]/g, ' '))
const slug = (title) => title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').trim().replaceAll(' ', '-')
const lineOf = (text, index) => text.slice(0, index).split('\n').length

test('every link of the pages leads somewhere, its heading too', () => {
  for (const page of [...PAGES, 'CHANGELOG.md', 'CONTRIBUTING.md']) {
    const text = withoutBlocks(read(page))
    for (const m of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      const [path, heading] = m[1].split('#')
      const where = `${page}:${lineOf(text, m.index)}: ${m[1]}`
      assert.ok(!/^[a-z]+:/.test(m[1]), `${where} leaves the tree`)
      const target = path ? relative(TOP, resolve(TOP, dirname(page), path)) : page
      assert.ok(!target.startsWith('..') && existsSync(join(TOP, target)), `${where} leads nowhere`)
      if (!heading) continue
      const headings = [...read(target).matchAll(/^#+ (.+)$/gm)].map((h) => slug(h[1]))
      assert.ok(headings.includes(heading), `${where}: no such heading`)
    }
  }
})

test('every path that a page names is in the tree', () => {
  for (const page of PAGES) {
    const text = withoutBlocks(read(page))
    for (const m of text.matchAll(/`((?:src|definitions|standards|sql|web|demo|test|script|docs|tool)\/[^`\s]*)/g)) {
      const path = m[1].replace(/[.,:]+$/, '')
      if (/[*<>…|$()]|[A-Z]{4}/.test(path) && !existsSync(join(TOP, path))) continue
      assert.ok(existsSync(join(TOP, path)), `${page}:${lineOf(text, m.index)}: ${path} is not there`)
    }
  }
})

/** Tables of a schema file with their columns. */
function tables(path) {
  const found = new Map()
  const text = read(path).replace(/--[^\n]*/g, '')
  for (const m of text.matchAll(/CREATE (?:VIRTUAL )?TABLE (\w+)\s*(?:USING \w+)?\s*\(([^]*?)\)[^,)]*?;/g)) {
    found.set(m[1], new Set(m[2].split(',').map((part) => part.trim().split(/\s+/)[0])))
  }
  return found
}

const ROOMS = read('src/FLOORS').split('\n').map((line) => line.split(/\s/)[0]).filter(Boolean)
const KEPT = tables('sql/kept.sql')
const SCHEMA = new Map([...KEPT, ...tables('sql/derived.sql'), ...tables('sql/search.sql')])
// A word like `rule_on` is a step; only rooms that own tables have names to be compared.
const WORDS = new Set(under('definitions', '.json').map((path) => JSON.parse(read(path)))
  .flatMap(({ states, steps }) => [...states.map((one) => one.state), ...steps.map((one) => one.step)]))
const OWNERS = [...new Set([...SCHEMA.keys()].map((name) => name.split('_')[0]))]
const NAME = new RegExp(`^(${OWNERS.join('|')})_[a-z0-9_]+$`)

test('names of tables and columns are those of the schema, of functions those of the headers', () => {
  assert.ok(SCHEMA.size > 30 && SCHEMA.get('chain_event').has('digest'))
  const sources = ROOMS.flatMap((room) => (existsSync(join(TOP, 'src', room)) ? readdirSync(join(TOP, 'src', room)) : [])
    .map((name) => read(`src/${room}/${name}`))).join('\n')
  for (const page of DOCS) {
    const text = withoutBlocks(read(page))
    for (const m of text.matchAll(/`([^`\n]+)`/g)) {
      const where = `${page}:${lineOf(text, m.index)}: ${m[1]}`
      const [, call] = /^(?:\w+ )?([a-z]\w*)\([^)]*\)$/.exec(m[1]) ?? []
      const [table, column] = m[1].split('.')
      if (call && ROOMS.includes(call.split('_')[0])) assert.ok(new RegExp(`\\b${call}\\(`).test(sources), `${where}: no such function`)
      if (!NAME.test(table) || WORDS.has(table) || !/^\w*$/.test(column ?? '')) continue
      // Members of answers and logs have such names too; the sources spell those out.
      if (!column && !SCHEMA.has(table) && sources.includes(`"${table}"`)) continue
      assert.ok(SCHEMA.has(table), `${where}: no such table`)
      if (column) assert.ok(SCHEMA.get(table).has(column), `${where}: no such column`)
    }
  }
})

test('architecture.md lists every table under its room, kept-format.md every kept one', () => {
  const rows = [...read('docs/architecture.md').matchAll(/^\| `(\w+)` \|([^|]*)\|([^|]*)\|$/gm)]
  const listed = new Map()
  for (const [, room, kept, derived] of rows) {
    for (const [column, cell] of [['kept', kept], ['derived', derived]]) {
      for (const [, name] of cell.matchAll(/`(\w+)`/g)) {
        if (SCHEMA.has(name)) listed.set(name, { room, column })
      }
    }
  }
  for (const name of SCHEMA.keys()) {
    assert.deepEqual(listed.get(name), { room: name.split('_')[0], column: KEPT.has(name) ? 'kept' : 'derived' }, name)
  }
  for (const name of KEPT.keys()) assert.ok(read('docs/kept-format.md').includes(`\`${name}`), name)
})

test('definitions.md counts the conditions that differ from the published ones by their reasons', () => {
  const { why, cases } = JSON.parse(read('test/cases/logic-apart.json'))
  const counted = Object.fromEntries(Object.keys(why).map((reason) => [reason, 0]))
  for (const [, , , reason] of Object.values(cases).flat()) counted[reason]++
  const written = [...read('docs/definitions.md').matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map((m) => [m[1], Number(m[2])])
  assert.deepEqual(Object.fromEntries(written), counted)
})

test('audience keys have the names and numbers of org.h and the columns of the schema', () => {
  const written = [...read('docs/kept-format.md').matchAll(/^\| (\d) `(\w+)` \|/gm)].map((m) => [Number(m[1]), m[2]])
  const [, list] = /enum org_key_sort \{([^}]*)\}/.exec(read('src/org/org.h'))
  const coded = list.split(',').map((name, n) => [n + 1, name.trim().split(' ')[0].replace('ORG_KEY_', '').toLowerCase()])
  assert.deepEqual(written, coded)
  for (const column of ['key', 'facet', 'rid', 'stream', 'line']) assert.ok(SCHEMA.get('record_vis').has(column))
})

test('the glossary has the words of the definitions, each state and step', () => {
  const shipped = under('definitions', '.json').map((path) => JSON.parse(read(path)))
  let kind
  const written = new Map()
  for (const line of read('docs/glossary.md').split('\n')) {
    if (line.startsWith('## ')) {
      kind = shipped.find(({ title }) => title.split(' | ').every((half) => line.includes(half)))
    }
    const [, zh, en, identifier] = line.split('|').map((cell) => cell.trim())
    const [, sort, name] = /^(state|step) `(\w+)`$/.exec(identifier ?? '') ?? []
    if (kind && sort) written.set(`${kind.kind} ${sort} ${name}`, `${zh} | ${en}`)
  }
  for (const definition of shipped) {
    for (const sort of ['state', 'step']) {
      for (const one of definition[`${sort}s`]) {
        const name = `${definition.kind} ${sort} ${one[sort]}`
        assert.equal(written.get(name), one.title, name)
      }
    }
  }
})

// ---- kept-format.md: the proof of one event; the whole of it is read by test/verifier.mjs ----

async function copy(name) {
  const path = join(folder, name)
  await copyFile(store, path)
  await copyFile(`${store}.key`, `${path}.key`)
  return path
}

/** The root that a proof leads to, by the page's own words. */
function rootOf({ seq, digest, path, head }) {
  let index = seq - 1
  let last = head.size - 1
  let hash = leaf(Buffer.from(digest, 'hex'))
  for (const p of path.map((text) => Buffer.from(text, 'hex'))) {
    if (index % 2 === 1 || index === last) {
      hash = node(p, hash)
      while (index % 2 === 0 && index !== 0) [index, last] = [index / 2, Math.floor(last / 2)]
    } else {
      hash = node(hash, p)
    }
    ;[index, last] = [Math.floor(index / 2), Math.floor(last / 2)]
  }
  return last === 0 ? hex(hash) : null
}

test('a proof as the page describes it leads to the signed root', async () => {
  const server = await serve(`sqlite:${await copy('proof.db')}`)
  try {
    const ask = async (path, options = {}) => (await fetch(`${server.base}/api/v1${path}`, options)).json()
    const { token } = await ask('/tokens', {
      method: 'POST', body: JSON.stringify({ account: 'officer', password: 'zhiben-demo-2026' }),
    })
    const headers = { authorization: `Bearer ${token}` }
    const { items: records } = await ask('/records?kind=hazard&limit=20', { headers })
    let proved = 0
    for (const { id } of records) {
      for (const proof of (await ask(`/records/${id}/proof`, { headers })).items) {
        const { head } = proof
        assert.equal(rootOf(proof), head.root, `${id} ${proof.seq}`)
        assert.notEqual(rootOf({ ...proof, digest: hex(sha('another')) }), head.root)
        const row = {
          at: head.at, digest: Buffer.from(head.digest, 'hex'), root: Buffer.from(head.root, 'hex'), signature: Buffer.from(head.signature, 'hex'),
        }
        assert.ok(signed(keyOf(head.signed_by), row, 'zhiben head 1', proof.stream, -1, head.size))
        proved++
      }
    }
    assert.ok(proved > 20, `${proved}`)
  } finally {
    await server.end()
  }
})
