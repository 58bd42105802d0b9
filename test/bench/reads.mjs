// SPDX-License-Identifier: Apache-2.0
// Pages, boards, searches, start and memory: read by the product, and by the limit where it has a like.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { LIMIT, load, median, Process, request } from './process.mjs'

const KIND = 'hazard'
const KEPT = 11000 // rows of a limit's page: enough for page 500
const WORD = '配电'

const ask = (path) => request('GET', path)
const query = (filter) => `/api/v1/records?${new URLSearchParams({ kind: KIND, limit: 20, ...filter })}`

/* Who looks, and at what: the four levels of the tree. */
async function levels(scene) {
  const place = async (account) => (await scene.get(account, '/api/v1/me')).posts[0].place
  const code = (p) => p.code ?? p
  return [
    { name: 'city', account: 'office', place: code(await place('office')) },
    { name: 'county', account: 'district', place: code(await place('district')) },
    { name: 'township', account: 'township', place: code(await place('township')) },
    { name: 'village', account: 'township', place: scene.place },
  ]
}

/* The filters alone and together, each as the product takes it and as its SQL. */
async function filters(scene, db) {
  const kind = await scene.get('office', `/api/v1/kinds/${KIND}`)
  const state = (name) => kind.states.findIndex((s) => s.state === name) + 1
  const { level } = db.prepare("SELECT level FROM record_now WHERE fields ->> 'level' = 'major' AND kind = (SELECT id FROM "
    + 'record_definition WHERE kind = ?) LIMIT 1').get(KIND)
  const some = (await scene.get('office', query({}))).items.find((r) => r.line)
  const { line } = db.prepare('SELECT line FROM record_now WHERE number = ?').get(some.number)
  const sql = {
    none: 'true',
    state: `state = ${state('rectifying')}`,
    level: `level = ${level}`,
    line: `EXISTS (SELECT 1 FROM json_each(lines) WHERE value = ${line})`,
  }
  return [
    { name: 'none', by: {}, sql: sql.none },
    { name: 'state', by: { state: 'rectifying' }, sql: sql.state },
    { name: 'level', by: { level: 'major' }, sql: sql.level },
    { name: 'line', by: { line: some.line }, sql: sql.line },
    { name: 'state and level', by: { state: 'rectifying', level: 'major' }, sql: `${sql.state} AND ${sql.level}` },
    { name: 'line and state', by: { line: some.line, state: 'rectifying' }, sql: `${sql.line} AND ${sql.state}` },
    { name: 'source (indexed)', by: { source: 'grid' }, sql: "fields ->> 'source' = 'grid'" },
  ]
}

/* The rows of each query in the order of the page, and nothing else. */
function indexExactly(db, queries) {
  db.exec('CREATE TABLE IF NOT EXISTS limit_page (query INTEGER, rid BIGINT, stream INTEGER, PRIMARY KEY (query, rid, '
    + 'stream)) WITHOUT ROWID; CREATE TABLE IF NOT EXISTS limit_board (board INTEGER, cell TEXT, n BIGINT, PRIMARY KEY '
    + '(board, cell)) WITHOUT ROWID')
  for (const q of queries) {
    db.prepare(`WITH RECURSIVE below (id) AS (SELECT id FROM org_place WHERE code = ? UNION ALL SELECT p.id FROM
      org_place p JOIN below ON p.parent = below.id) INSERT INTO limit_page SELECT ?, rid, stream FROM record_now WHERE
      kind = (SELECT id FROM record_definition WHERE kind = ?) AND sealed = 0 AND place IN below AND ${q.sql}
      ORDER BY rid DESC LIMIT ${KEPT}`).run(q.at.place, q.id, KIND)
  }
}

/* As many as a third of a second takes, within bounds: a slow answer is measured as well by few. */
async function pair(s, clients, most, ours, limit) {
  const pairs = []
  const first = await load(s.ours, s.at, 1, 3, [ours])
  const n = Math.max(clients, 5, Math.min(most, Math.floor(3e5 / first.median_us)))
  for (let i = 0; i < s.rounds; i++) {
    pairs.push([await load(s.ours, s.at, clients, n, [ours]), await load(s.limit, s.at, clients, n, [limit])])
  }
  const of = (side, what) => median(pairs.map((p) => p[side][what]))
  return {
    ours: of(0, 'each_us'), limit: of(1, 'each_us'), cpu: of(0, 'cpu_us'), limitCpu: of(1, 'cpu_us'),
    ratio: s.spread(pairs.map((p) => p[1].each_us / p[0].each_us)), bytes: of(0, 'bytes'),
  }
}

async function sameRows(s, q) {
  const ours = (await s.scene.get(q.at.account, q.path)).items.map((r) => r.number)
  const bare = await (await fetch(`http://127.0.0.1:${s.limit.port}/page/${q.id}`)).json()
  assert.deepEqual(bare.items.map((r) => r.number), ours, `${q.at.name}, ${q.filter}: the limit reads the same page`)
}

async function pages(s, queries) {
  console.log('\nA page of 20:\n')
  s.say('place', 'filter', 'clients', 'ours', 'limit', 'ratio of rates (spread)', 'goal', 'CPU ours', 'CPU limit')
  s.say(...Array(9).fill('---'))
  for (const q of queries) {
    await sameRows(s, q)
    for (const clients of [1, s.many]) {
      const r = await pair(s, clients, clients === 1 ? 200 : 800, await s.scene.read(q.at.account, q.path), ask(`/page/${q.id}`))
      s.say(q.at.name, q.filter, clients, s.us(r.ours), s.us(r.limit), r.ratio, q.filter.startsWith('source') ? 0.1 : 0.5,
        s.us(r.cpu), s.us(r.limitCpu))
    }
  }
}

/* The same list deep down, and as of yesterday. */
async function deep(s) {
  const many = { limit: 200 }
  let page = await s.scene.get('office', query(many))
  let turned = 1
  for (; turned < 50 && page.next; turned++) page = await s.scene.get('office', query({ ...many, cursor: page.next }))
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  const one = async (filter) => {
    const what = await s.scene.read('office', query(filter))
    const runs = []
    for (let i = 0; i < s.rounds; i++) runs.push((await load(s.ours, s.at, 1, 20, [what])).each_us)
    return median(runs)
  }
  console.log('')
  s.say('a list of the city', 'one client')
  s.say('---', '---')
  s.say('page 1', s.us(await one({})))
  if (page.next) s.say(`page ${turned * 10 + 1} (as fast as page 1)`, s.us(await one({ cursor: page.next })))
  s.say('as of yesterday', s.us(await one({ as_of: yesterday })))
  s.say('due first', s.us(await one({ sort: 'due' })))
}

async function boards(s, list) {
  console.log('\nA board of the city:\n')
  s.say('cells', 'clients', 'ours', 'limit', 'time × (goal 2)', 'CPU ours', 'CPU limit')
  s.say(...Array(7).fill('---'))
  for (const b of list) {
    for (const clients of [1, s.many]) {
      const r = await pair(s, clients, clients === 1 ? 30 : 100, await s.scene.read('office', b.path), ask(`/board/${b.id}`))
      s.say(`${b.cells.length} ${b.name}`, clients, s.us(r.ours), s.us(r.limit), (r.ours / r.limit).toFixed(1), s.us(r.cpu),
        s.us(r.limitCpu))
    }
  }
}

async function searches(s, file) {
  const db = new DatabaseSync(file, { readOnly: true })
  const scan = db.prepare("SELECT count(*) AS n FROM record_now WHERE title LIKE ? OR number LIKE ? OR fields ->> 'spot' "
    + 'LIKE ?')
  const times = []
  let found
  for (let i = 0; i < s.rounds; i++) {
    const began = performance.now()
    found = scan.get(...Array(3).fill(`%${WORD}%`)).n
    times.push((performance.now() - began) * 1000)
  }
  db.close()
  console.log('\nA search of two characters, first page of 20:\n')
  s.say('scope', 'ours', 'a scan', 'times faster (goal 10)', 'found')
  s.say(...Array(5).fill('---'))
  for (const account of ['office', 'township']) {
    const path = query({ q: WORD })
    const runs = []
    for (let i = 0; i < s.rounds; i++) runs.push((await load(s.ours, s.at, 1, 20, [await s.scene.read(account, path)])).each_us)
    s.say(account, s.us(median(runs)), s.us(median(times)), (median(times) / median(runs)).toFixed(1),
      `${(await s.scene.get(account, path)).total} of ${found}`)
  }
}

async function memory(s, queries) {
  const starts = []
  for (let i = 0; i < 5; i++) {
    await s.ours.stop()
    const began = performance.now()
    s.ours = await s.serve()
    await fetch(`${s.ours.base}/healthz`)
    starts.push(performance.now() - began)
  }
  const idle = s.ours.memory('RssAnon')
  s.scene.server = s.ours
  const mixed = await Promise.all(queries.map((q) => s.scene.read(q.at.account, q.path)))
  await load(s.ours, s.at, s.many, 10000, mixed)
  console.log('')
  s.say('process', 'measured', 'goal')
  s.say('---', '---', '---')
  s.say('start to first answer', `${median(starts).toFixed(0)} ms`, '50 ms')
  s.say('RssAnon idle', `${idle.toFixed(1)} MB`, '25 MB')
  s.say(`RssAnon after 10,000 requests at ${s.many} clients`, `${s.ours.memory('RssAnon').toFixed(1)} MB`, '64 MB')
  s.say('mapped files then (the store, shared with the system)', `${s.ours.memory('RssFile').toFixed(1)} MB`, '—')
}

/** All of it, or the boards alone. */
export async function measureReads(s, file, boardsAlone) {
  const db = new DatabaseSync(s.copy)
  const queries = []
  for (const at of boardsAlone ? [] : await levels(s.scene)) {
    for (const f of await filters(s.scene, db)) {
      queries.push({ id: queries.length, at, filter: f.name, sql: f.sql, path: query({ place: at.place, ...f.by }) })
    }
  }
  indexExactly(db, queries)
  const list = [
    { id: 0, name: 'of hazards by township, level and state', path: '/api/v1/figures/hazard_by_state?by=township,level,state' },
    { id: 1, name: 'of closures by month, level and source',
      path: '/api/v1/figures/hazard_closed?by=level,source&period=month' },
  ]
  for (const b of list) {
    b.cells = (await s.scene.get('office', b.path)).cells
    const put = db.prepare('INSERT INTO limit_board VALUES (?, ?, ?)')
    b.cells.forEach((cell, n) => put.run(b.id, `${n} ${JSON.stringify(cell).replaceAll('"', '')}`, Number(cell.value ?? 0)))
  }
  db.close()
  s.limit = await Process.start(LIMIT, ['serve', s.copy, ...s.ids], s.at)
  if (!boardsAlone) {
    await pages(s, queries)
    await deep(s)
  }
  await boards(s, list)
  if (!boardsAlone) await searches(s, file)
  await s.limit.stop()
  if (!boardsAlone) await memory(s, queries)
}
