// SPDX-License-Identifier: Apache-2.0
// The commands: what each prints, how it exits, and what it refuses in one line.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { folder, json, run, serve, ZHIBEN } from './harness.mjs'
import { copyStore, dropStore, filesOf, newStore, POSTGRESQL, sql } from './store.mjs'

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const PASSWORD = 'commands-2026-pass'
let at
let db
let printed

before(async () => {
  at = await folder()
  db = await newStore(at)
  const made = await run(['init', '--db', db, '--demo', 'wuxi', '--scale', 'small', '--seed', '7', '--password', PASSWORD])
  assert.equal(made.code, 0, made.err)
  printed = made.out
})
after(async () => {
  await dropStore(db)
  await rm(at, { recursive: true, force: true })
})

function oneLine(done, code, words) {
  assert.equal(done.code, code, done.err || done.out)
  assert.equal(done.err.trim().split('\n').length, 1, done.err)
  assert.match(done.err, words)
  return done
}

/** A place and a unit that the account acts for. */
async function self(account) {
  const server = await serve(db)
  try {
    const sign = await fetch(`${server.base}/api/v1/tokens`, { method: 'POST', body: JSON.stringify({ account, password: PASSWORD }) })
    const { token } = await sign.json()
    const me = await (await fetch(`${server.base}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } })).json()
    return { ...me.posts[0], person: me.person }
  } finally {
    assert.equal(await server.end(), 0)
  }
}

test('an unknown command, an unknown option, a missing value, a word too many: exit 2 and one line', async () => {
  oneLine(await run(['nonsense']), 2, /no such command: nonsense/)
  oneLine(await run([]), 2, /name a command/)
  const help = (await run(['help'])).out
  const names = [...help.matchAll(/^ {2}zhiben (\S+)/gm)].map((m) => m[1])
  assert.ok(names.length >= 15, help)
  for (const name of names) oneLine(await run([name, '--nonsense']), 2, /unknown option: --nonsense/)
  oneLine(await run(['serve', '--db']), 2, /--db needs a value/)
  oneLine(await run(['verify', '--db', db, '--db', db]), 2, /given twice: --db/)
  oneLine(await run(['version', 'please']), 2, /a word too many: please/)
  oneLine(await run(['verify', '--db', db, '--figures=yes']), 2, /takes no value/)
})

test('init prints every account of the city with its role, and never the password', () => {
  const accounts = printed.trim().split('\n').map((line) => JSON.parse(line))
  const names = ['office', 'district', 'bureau', 'officer', 'chief', 'housing', 'township', 'grid', 'firm', 'boss',
    'shop', 'office2', 'bureau2', 'firm2', 'leader', 'auditor', 'sysadmin']
  assert.deepEqual(accounts.map((line) => line.account).sort(), [...names].sort())
  assert.equal(accounts.find((line) => line.account === 'boss').role, 'person_in_charge')
  assert.ok(!printed.includes(PASSWORD))
})

test('the same seed and day give the same stream heads', async () => {
  const heads = async () => {
    const other = await folder()
    const store = await newStore(other)
    const made = await run(['init', '--db', store, '--demo', 'wuxi', '--scale', 'small', '--seed', '11',
      '--password', PASSWORD, '--until', '2026-11-20', '--now', '2026-11-21T08:00:00+08:00'])
    assert.equal(made.code, 0, made.err)
    const rows = await sql(store, 'SELECT stream, seq, digest, root FROM chain_head ORDER BY stream')
    await dropStore(store)
    await rm(other, { recursive: true })
    return rows
  }
  assert.deepEqual(await heads(), await heads())
})

test('one line in Chinese where the machine speaks it', async () => {
  const done = await run(['nonsense'], { env: { LANG: 'zh_CN.UTF-8' } })
  oneLine(done, 2, /没有这个命令：nonsense/)
})

/** What a store holds, and what lies in its folder. */
async function everything(store, inside) {
  const names = (await readdir(inside, { recursive: true })).sort()
  if (!POSTGRESQL) return names.includes('city.db') ? [names, await readFile(join(inside, 'city.db'))] : [names]
  const schemas = await sql(store, "SELECT 1 FROM pg_namespace WHERE nspname = 'zhiben'")
  return [names, schemas, schemas.length ? await sql(store, 'SELECT * FROM chain_head ORDER BY stream') : []]
}

test('init writes only where nothing is, and leaves nothing behind when it fails', async () => {
  const before = await everything(db, at)
  oneLine(await run(['init', '--db', db, '--places', '320200']), 1, /is there already/)
  assert.deepEqual(await everything(db, at), before)
  const inside = await folder()
  const other = await newStore(inside, 'x')
  const nothing = await everything(other, inside)
  oneLine(await run(['init', '--db', other, '--places', '999999']), 2, /./)
  assert.deepEqual(await everything(other, inside), nothing)
  oneLine(await run(['init', '--db', other.replace(/x(\.db)?$/, (end) => `none/${end}`), '--places', '320200']),
    POSTGRESQL ? 2 : 1, POSTGRESQL ? /none/ : /x\.db/)
  assert.deepEqual(await everything(other, inside), nothing)
  oneLine(await run(['init', '--db', other, '--demo', 'atlantis', '--password', PASSWORD]), 2, /atlantis/)
  await dropStore(other)
  await rm(inside, { recursive: true })
})

test('a demonstration killed while it fills is refused in one line, and nothing takes it for a city', async () => {
  const inside = await folder()
  const half = await newStore(inside, 'half')
  const init = ['init', '--db', half, '--demo', 'wuxi', '--scale', 'small', '--seed', '7', '--password', PASSWORD]
  const child = spawn(ZHIBEN, init, { stdio: ['ignore', 'ignore', 'pipe'] })
  const over = once(child, 'exit')
  let said = ''
  for await (const part of child.stderr) if (/ arose, /.test(said += part)) break // it lives its first months
  child.kill('SIGKILL')
  assert.deepEqual(await over, [null, 'SIGKILL'])
  for (const command of [['serve', '--listen', '127.0.0.1:0'], ['verify'], ['rebuild'], ['tick'], ['simulate', '--until', '2026-12-24']]) {
    oneLine(await run([command[0], '--db', half, ...command.slice(1)]), 2, /was not made whole; remove it and make it again/)
  }
  oneLine(await run(['verify', '--db', half], { env: { LANG: 'zh_CN.UTF-8' } }), 2, /演示库建到一半就中断了；请删除后重新建立/)
  oneLine(await run(init), 1, /is there already/)
  await dropStore(half)
  await rm(inside, { recursive: true })
})

test('a store that is not there, and one newer than the binary', async () => {
  const newer = await folder()
  const none = await newStore(newer, 'none')
  oneLine(await run(['verify', '--db', none]), 2, /no such store/)
  const store = await copyStore(db, newer)
  await sql(store, "UPDATE store_meta SET value = '999' WHERE name = 'schema'")
  oneLine(await run(['serve', '--db', store, '--listen', '127.0.0.1:0']), 2, /newer/)
  oneLine(await run(['verify', '--db', store]), 2, /newer/)
  for (const one of [none, store]) await dropStore(one)
  await rm(newer, { recursive: true })
})

test('a second server on one store, and every command that writes beside a server', async () => {
  const server = await serve(db)
  try {
    if (POSTGRESQL) {
      const second = await serve(db)
      const ready = await fetch(`${second.base}/readyz`)
      assert.equal(await second.end(), 0)
      assert.equal(ready.status, 200)
      assert.equal((await json(['rebuild', '--db', db])).differs, null)
    } else {
      oneLine(await run(['serve', '--db', db, '--listen', '127.0.0.1:0']), 1, /another process is using/)
      for (const args of [['tick'], ['rebuild'], ['user', 'close', '--account', 'firm'], ['simulate', '--until', '2030-01-01']]) {
        oneLine(await run([...args, '--db', db]), 1, /another process is using/)
      }
    }
    assert.ok((await json(['verify', '--db', db])).events > 0, 'verify runs beside it')
    assert.match((await run(['export', 'hazard', '--db', db])).out, /^\ufeff"/)
    const { port } = new URL(server.base)
    const other = await folder()
    const store = await newStore(other)
    assert.equal((await run(['init', '--db', store, '--places', '320205'])).code, 0)
    oneLine(await run(['serve', '--db', store, '--listen', `127.0.0.1:${port}`]), 1, new RegExp(port))
    await dropStore(store)
    await rm(other, { recursive: true })
  } finally {
    assert.equal(await server.end('SIGINT'), 0)
  }
})

test('verify finds an event that was changed, removed, or put elsewhere, and names it', async () => {
  const last = '(SELECT max(pos) FROM chain_event)'
  const swapped = POSTGRESQL ? "convert_to(replace(convert_from(body, 'UTF8'), 'previous', 'previuos'), 'UTF8')"
    : "CAST(replace(CAST(body AS TEXT), 'previous', 'previuos') AS BLOB)"
  const deeds = {
    changed: `UPDATE chain_event SET body = ${swapped} WHERE pos = ${last}`,
    removed: `DELETE FROM chain_event WHERE pos = ${last}`,
    'put elsewhere': `UPDATE chain_event SET seq = seq + 1000 WHERE pos = ${last} - 1`,
    'told otherwise': `UPDATE chain_event SET at = at + 1 WHERE pos = ${last}`,
  }
  for (const [what, deed] of Object.entries(deeds)) {
    const other = await folder()
    const store = await copyStore(db, other)
    await sql(store, deed)
    const done = await run(['verify', '--db', store])
    assert.equal(done.code, 1, `${what}: ${done.out}`)
    assert.ok(JSON.parse(done.out).wrong, `${what}: ${done.out}`)
    assert.equal(done.err.trim().split('\n').length, 1, done.err)
    await dropStore(store)
    await rm(other, { recursive: true })
  }
})

test('import takes the good rows and tells every bad one, or none when asked', async () => {
  const me = await self('firm')
  const row = (description, more = {}) => JSON.stringify({ place: me.place,
    fields: { enterprise: me.unit, source: 'self', found_on: '2026-01-05', description, ...more } })
  const file = join(at, 'rows.jsonl')
  await writeFile(file, [row('第一条隐患记录'), row('短'), 'nonsense', '', row('第二条隐患记录', { unheard_of: 1 }), row('第三条隐患记录')].join('\n'))
  const count = async () => JSON.parse((await run(['export', 'hazard', '--format', 'json', '--db', db])).out).length
  const had = await count()
  const none = await run(['import', 'hazard', file, '--db', db, '--as', 'firm', '--all-or-nothing'])
  assert.equal(none.code, 1, none.err)
  assert.equal(JSON.parse(none.out).taken, 0)
  assert.equal(await count(), had)
  const some = await run(['import', 'hazard', file, '--db', db, '--as', 'firm'])
  assert.equal(some.code, 1, some.err)
  const report = JSON.parse(some.out)
  assert.deepEqual({ rows: report.rows, taken: report.taken, refused: report.refused }, { rows: 5, taken: 2, refused: 3 })
  assert.deepEqual(report.errors.map(({ row: n, pointer }) => [n, pointer]).sort(),
    [[2, '/fields/description'], [3, ''], [5, '/fields/unheard_of']])
  assert.equal(await count(), had + 2)
  await writeFile(file, [row('第四条隐患记录'), row('第五条隐患记录')].join('\n'))
  const all = await json(['import', 'hazard', file, '--db', db, '--as', 'firm', '--all-or-nothing'])
  assert.equal(all.taken, 2)
  assert.equal(await count(), had + 4)
  oneLine(await run(['import', 'never_was', file, '--db', db]), 2, /never_was/)
  assert.ok((await json(['verify', '--db', db, '--figures'])).events > 0)
  assert.equal((await json(['rebuild', '--db', db])).differs, null)
})

test('all or nothing over several counties: a bad row in the last takes none, kill -9 leaves none or all', async () => {
  const firms = await sql(db, `SELECT min(u.id) AS id, min(p.code) AS code, p.stream AS stream FROM org_unit u
    JOIN org_place p ON p.id = u.place WHERE u.profile IS NOT NULL GROUP BY p.stream ORDER BY p.stream`)
  assert.ok(firms.length > 2)
  const rows = Array.from({ length: 300 }, (_, n) => ({ place: firms[n % firms.length].code,
    fields: { enterprise: `u${firms[n % firms.length].id}`, source: 'self', found_on: '2026-01-05', description: `同一张表里的隐患 ${n}` } }))
  const count = async () => Number((await sql(db, 'SELECT count(*) AS n FROM record_now'))[0].n)
  const file = join(at, 'counties.jsonl')
  const asked = ['import', 'hazard', file, '--db', db, '--all-or-nothing']
  const had = await count()
  await writeFile(file, [...rows, { place: firms.at(-1).code, fields: {} }].map((row) => JSON.stringify(row)).join('\n'))
  const bad = await run(asked)
  assert.equal(bad.code, 1, bad.err)
  assert.deepEqual([JSON.parse(bad.out).taken, JSON.parse(bad.out).refused], [0, 1], bad.out)
  assert.equal(await count(), had)

  await writeFile(file, rows.map((row) => JSON.stringify(row)).join('\n'))
  const child = spawn(ZHIBEN, asked, { stdio: 'ignore' })
  const over = once(child, 'exit')
  let seen = had
  while (seen === had && child.exitCode === null) seen = await count() // what anybody sees first is all of it
  child.kill('SIGKILL')
  await over
  assert.ok((await count()) >= had + rows.length, `${await count() - had} of ${rows.length}`)
  assert.ok((await json(['verify', '--db', db, '--figures'])).events > 0)
  assert.equal((await json(['rebuild', '--db', db])).differs, null)

  // Killed before anybody sees a row: none is there.
  const early = spawn(ZHIBEN, asked, { stdio: 'ignore' })
  const ended = once(early, 'exit')
  const now = await count()
  early.kill('SIGKILL')
  await ended
  assert.ok([now, now + rows.length].includes(await count()))
  assert.ok((await json(['verify', '--db', db])).events > 0)
})

test('user: added with a post, given a password, closed', async () => {
  const me = await self('firm')
  const who = ['--db', db, '--account', 'helper-two']
  const added = await json(['user', 'add', ...who, '--name', '新员工', '--unit', me.unit, '--role', 'worker', '--password-stdin'],
    { input: 'first-password\n' })
  assert.match(added.person, /^p\d+$/)
  oneLine(await run(['user', 'add', ...who, '--name', '新员工', '--unit', me.unit, '--role', 'worker', '--password-stdin'],
    { input: 'first-password\n' }), 1, /taken/)
  oneLine(await run(['user', 'add', '--db', db, '--account', 'x', '--name', 'x', '--unit', me.unit, '--role', 'wizard', '--password-stdin'],
    { input: 'first-password\n' }), 2, /wizard/)
  oneLine(await run(['user', 'password', ...who, '--password-stdin'], { input: 'short\n' }), 2, /8/)
  await json(['user', 'password', ...who, '--password-stdin'], { input: 'second-password\n' })
  await json(['user', 'close', ...who])
  oneLine(await run(['user', 'close', '--db', db, '--account', 'never-was']), 1, /no such account/)
  assert.equal((await json(['rebuild', '--db', db])).differs, null)
})

test('tick prints what it did; a time without its offset is refused', async () => {
  const report = await json(['tick', '--db', db])
  for (const name of ['fired', 'delivered', 'folded', 'indexed', 'anchored', 'aside']) assert.equal(typeof report[name], 'number')
  oneLine(await run(['tick', '--db', db, '--now', 'soon']), 2, /soon/)
})

test('a clock behind the newest event is warned about once, and nothing is refused', async () => {
  const early = await run(['tick', '--db', db, '--now', '2024-01-01T00:00:00+08:00'])
  oneLine({ ...early, code: 1 }, 1, /the clock is behind the newest event \(20\d\d-/)
  assert.equal(early.code, 0)
  assert.equal((await run(['tick', '--db', db])).err, '')
})

test('a store and what lies beside it are read by its owner alone', async () => {
  for (const path of filesOf(db)) assert.equal((await stat(path)).mode & 0o077, 0, path)
})

test('check: credit codes, division codes, working days', async () => {
  assert.equal((await json(['check', 'credit-code', '91350100M000100Y43'])).valid, true)
  const wrong = await run(['check', 'credit-code', '91350100M000100Y44'])
  assert.equal(wrong.code, 1)
  assert.ok(JSON.parse(wrong.out).reason)
  assert.equal((await json(['check', 'division', '320205'])).normalized, '320205000000')
  assert.equal((await run(['check', 'division', '3202'])).code, 0)
  assert.equal((await run(['check', 'division', '32020'])).code, 1)
  const none = await run(['check', 'division', '320299'])
  assert.equal(none.code, 1)
  assert.match(JSON.parse(none.out).reason, /not among the divisions/)
  assert.equal((await run(['check', 'workday', '2026-10-01'])).code, 1)
  assert.equal((await json(['check', 'workday', '2026-09-30', '1'])).after, '2026-10-08')
  assert.equal((await json(['check', 'workday', '2026-10-08', '-1'])).after, '2026-09-30')
  oneLine(await run(['check', 'workday', 'today']), 2, /today/)
})

/** A folder with one definition changed as `change` says. */
async function changed(change, name = 'suggestion.json') {
  const inside = await folder()
  const definition = JSON.parse(await readFile(join(TOP, 'test/definitions/suggestion.json'), 'utf8'))
  change(definition)
  await writeFile(join(inside, name), JSON.stringify(definition))
  return inside
}

test('definitions check points into the file, and draws the graph of what holds', async () => {
  assert.ok((await json(['definitions', 'check'])).kinds >= 5)
  const good = await changed(() => {})
  assert.ok((await json(['definitions', 'check', good])).kinds >= 6)
  assert.match((await run(['definitions', 'graph', good])).out, /^<svg|^<\?xml/)
  const cases = [
    ['an unknown key', (d) => { d.unheard_of = 1 }, /suggestion\.json \/unheard_of /],
    ['a state nobody reaches', (d) => { d.states.push({ state: 'island', title: '孤岛 | Island', final: true }) }, /suggestion\.json \/states/],
    ['a state nobody leaves', (d) => { d.states = d.states.map((s) => ({ ...s, final: undefined })) }, /suggestion\.json \/states/],
  ]
  for (const [what, change, points] of cases) {
    const bad = await changed(change)
    const done = await run(['definitions', 'check', bad])
    assert.equal(done.code, 1, `${what}: ${done.out}${done.err}`)
    assert.match(done.out, points, what)
    await rm(bad, { recursive: true })
  }
  const twice = await changed(() => {})
  await copyFile(join(twice, 'suggestion.json'), join(twice, 'suggestion-again.json'))
  const done = await run(['definitions', 'check', twice])
  assert.equal(done.code, 1, `two definitions with one name: ${done.out}`)
  await rm(twice, { recursive: true })
  await rm(good, { recursive: true })
  oneLine(await run(['definitions', 'check', join(at, 'none')]), 2, /no folder/)
})

test('adopt takes a new definition into the log, and refuses a broken one', async () => {
  const good = await changed(() => {})
  await json(['adopt', join(good, 'suggestion.json'), '--db', db])
  assert.match((await run(['export', 'suggestion', '--db', db])).out, /^\ufeff"/)
  const bad = await changed((d) => { d.unheard_of = 1; d.version = 2 })
  const done = await run(['adopt', join(bad, 'suggestion.json'), '--db', db])
  assert.equal(done.code, 2, done.err)
  assert.match(done.err, /unheard_of/)
  assert.ok((await json(['verify', '--db', db, '--figures'])).events > 0)
  await rm(good, { recursive: true })
  await rm(bad, { recursive: true })
})

/* A disk of PostgreSQL's is not this process's to fill. */
if (!POSTGRESQL) test('a full disk: what was acknowledged is there, what was refused is not', async () => {
  const other = await folder()
  const store = await copyStore(db, other)
  const me = await self('firm')
  const rows = Array.from({ length: 4000 }, (_, n) => JSON.stringify({ place: me.place,
    fields: { enterprise: me.unit, source: 'self', found_on: '2026-01-05', description: `磁盘写满时的第 ${n} 条` } }))
  await writeFile(join(at, 'many.jsonl'), rows.join('\n'))
  const done = await run(['import', 'hazard', join(at, 'many.jsonl'), '--db', store, '--as', 'firm'], { blocks: 2048 })
  assert.equal(done.code, 1, 'no file may grow beyond 1 MB')
  assert.equal(done.err.trim().split('\n').length, 1, done.err)
  assert.ok((await json(['verify', '--db', store, '--figures'])).events > 0)
  assert.equal((await json(['rebuild', '--db', store])).differs, null)
  await rm(other, { recursive: true })
})

test('openapi and statements describe the binary', async () => {
  const { paths } = await json(['openapi'])
  assert.ok(paths['/api/v1/records/{id}/steps/{step}'].post)
  const lines = (await run(['statements'])).out.trim().split('\n')
  assert.equal((await run(['statements', '--db', 'sqlite:none.db'])).out.trim(), lines.join('\n'))
  assert.equal(lines.filter((line) => line === 'SELECT value FROM store_meta WHERE name = ?').length, 1)
  for (const line of lines) assert.match(line, /^(--|[A-Z{<])/)
})

test('simulate refuses a store that is no demonstration', async () => {
  const other = await folder()
  const store = await newStore(other)
  assert.equal((await run(['init', '--db', store, '--places', '320205'])).code, 0)
  oneLine(await run(['simulate', '--db', store, '--until', '2027-01-01']), 1, /no demonstration/)
  await dropStore(store)
  await rm(other, { recursive: true })
})
