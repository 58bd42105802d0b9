// SPDX-License-Identifier: Apache-2.0
// A second copy: taken while people write, proven by restoring, refused where it is cut, changed, newer or homeless.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { json, run, serve, start, ZHIBEN } from './harness.mjs'
import { dropStore, filesOf, newStore, POSTGRESQL, sql } from './store.mjs'

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
// Sign-ins end with the machine; a lease only saves work; an import's report is of an hour.
const LEFT_OUT = ['org_token', 'org_try', 'desk_lease', 'desk_import']
let z
let copy
const acknowledged = []

before(async () => {
  z = await start()
  copy = join(z.at, 'first.backup')
})
after(async () => { await z.stop() })

async function refused(args, code, words) {
  const done = await run(args)
  assert.equal(done.code, code, done.err || done.out)
  assert.equal(done.err.trim().split('\n').length, 1, done.err)
  assert.match(done.err, words)
}

/** Nothing of a file, or of a store that could not be restored, is left. */
async function leavesNothing(name, db) {
  if (POSTGRESQL && db) {
    assert.deepEqual(await readdir(join(z.at, name)), [])
    assert.deepEqual(await sql(db, "SELECT nspname FROM pg_namespace WHERE nspname = 'zhiben'"), [])
    return dropStore(db)
  }
  assert.deepEqual((await readdir(z.at)).filter((file) => file.startsWith(`${name}.`) && !/\.backup(\.key)?$/.test(file)), [])
}

test('a backup under load holds what was acknowledged before it, and restores to a store that verifies', async () => {
  const me = await z.self('firm')
  const photo = await z.photo('firm')
  let stop = false
  const write = async (n) => {
    for (let i = 0; !stop && i < 400; i++) {
      const made = await z.make('firm', 'hazard', me.place, { enterprise: me.unit, source: 'self',
        found_on: '2026-11-20', description: `备份时登记的隐患 ${n}-${i}`, photos: [photo] })
      acknowledged.push({ id: made.id, at: Date.now() })
    }
  }
  const writers = [1, 2, 3, 4].map(write)
  while (acknowledged.length < 8) await new Promise((go) => setImmediate(go))
  const begun = Date.now()
  const said = await json(['backup', '--db', z.db, '--to', copy])
  stop = true
  await Promise.all(writers)
  assert.ok(said.events > 3000 && said.files > 0 && said.cells > 0, JSON.stringify(said))
  assert.equal(said.key, `${copy}.key`)

  const db = await newStore(z.at, 'again')
  const back = await json(['restore', '--db', db, '--from', copy])
  assert.equal(back.events, said.events)
  assert.equal(back.files, said.files)
  assert.equal((await json(['rebuild', '--db', db])).differs, null)
  const server = await serve(db)
  try {
    const sign = await fetch(`${server.base}/api/v1/tokens`, { method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ account: 'firm', password: 'harness-2026-pass' }) })
    const { token } = await sign.json()
    const get = (path, bearer) => fetch(server.base + path, { headers: { Authorization: `Bearer ${bearer}` } })
    assert.equal((await get('/api/v1/me', await z.token('firm'))).status, 401, 'a sign-in is not carried')
    for (const { id } of acknowledged.filter((r) => r.at < begun)) {
      assert.deepEqual(await (await get(`/api/v1/records/${id}`, token)).json(), await z.get('firm', `/api/v1/records/${id}`))
    }
    assert.equal((await get(`/api/v1/files/${photo}`, token)).status, 200)
  } finally {
    assert.equal(await server.end(), 0)
  }
  await dropStore(db)
})

test('every kept table is in a backup or left out by name', async () => {
  const schema = await readFile(join(TOP, 'sql', 'kept.sql'), 'utf8')
  const tables = [...schema.matchAll(/^CREATE TABLE (\w+)/gm)].map((m) => m[1])
  const lines = gunzipSync(await readFile(copy)).toString().trim().split('\n')
  const carried = lines.filter((line) => line.startsWith('{"table"')).map((line) => JSON.parse(line).table)
  assert.deepEqual([...carried, ...LEFT_OUT].sort(), tables.sort())
})

test('what is there is not overwritten, by a backup or by a restore', async () => {
  await refused(['backup', '--db', z.db, '--to', copy], 2, /is there already|File exists/)
  await refused(['restore', '--db', z.db, '--from', copy], 1, /is there already/)
})

test('a backup that is cut, changed, newer, foreign or without its key is refused and leaves nothing', async () => {
  const whole = await readFile(copy)
  const text = gunzipSync(whole).toString()
  const lines = text.trim().split('\n')
  const key = await readFile(`${copy}.key`)
  const attempt = async (name, bytes, code, words, itsKey = key) => {
    const from = join(z.at, `${name}.backup`)
    await writeFile(from, bytes)
    if (itsKey) await writeFile(`${from}.key`, itsKey)
    const db = await newStore(z.at, name)
    await refused(['restore', '--db', db, '--from', from], code, words)
    await leavesNothing(name, db)
  }
  await attempt('cut', whole.subarray(0, whole.length >> 1), 2, /is cut or was changed/)
  await attempt('short', gzipSync(`${lines.slice(0, -1).join('\n')}\n`), 2, /is cut or was changed/)
  const event = lines.findIndex((line) => line.startsWith('{"table":"chain_event"')) + 5
  const dropped = lines.toSpliced(event, 1)
  await attempt('dropped', gzipSync(`${dropped.join('\n')}\n`), 2, /is cut or was changed/)
  const newer = lines.with(0, lines[0].replace(/"schema":\d+/, '"schema":9999'))
  await attempt('newer', gzipSync(`${newer.join('\n')}\n`), 2, /newer than this binary/)
  await attempt('foreign', gzipSync('{"hello":"world"}\n'), 2, /not a backup of Zhiben/)
  await attempt('plain', 'no archive at all', 2, /is cut or was changed/)
  await attempt('keyless', whole, 2, /signing key cannot be opened/, null)
  await attempt('wrongkey', whole, 2, /this signing key did not sign/, Buffer.alloc(32, 7))
})

test('a restore that fails takes away what it made and nothing that merely bears a like name', async () => {
  const whole = await readFile(copy)
  const path = join(z.at, 'kin.db')
  const from = `${path}.backup`
  await writeFile(from, whole.subarray(0, whole.length >> 1))
  await writeFile(`${from}.key`, await readFile(`${copy}.key`))
  await writeFile(`${path}-notes`, '')
  await refused(['restore', '--db', `sqlite:${path}`, '--from', from], 2, /is cut or was changed/)
  assert.deepEqual((await readdir(z.at)).filter((name) => name.startsWith('kin.db')).sort(),
    ['kin.db-notes', 'kin.db.backup', 'kin.db.backup.key'])
})

test('a restore killed half-way leaves nothing that is taken for a store', async () => {
  const db = await newStore(z.at, 'killed')
  const child = spawn(ZHIBEN, ['restore', '--db', db, '--from', copy], { stdio: 'ignore' })
  const over = once(child, 'exit')
  const key = filesOf(db).find((name) => name.endsWith('.key')) // looked at before it, the file would be there already
  const some = async () => await access(key) ?? (await sql(db, 'SELECT count(*) AS n FROM chain_event'))[0].n > 0
  while (!(await some().catch(() => false))) await new Promise((go) => { setImmediate(go) })
  child.kill('SIGKILL')
  assert.deepEqual(await over, [null, 'SIGKILL'])
  for (const command of ['verify', 'serve', 'rebuild']) await refused([command, '--db', db], 2, /not restored whole/)
  await dropStore(db)
})

/** A backup of these lines under a seal that fits them, its key beside it. */
async function forge(name, lines) {
  let seal = Buffer.alloc(32)
  for (const line of lines) seal = createHash('sha256').update(seal).update(`${line}\n`).digest()
  const from = join(z.at, `${name}.backup`)
  await writeFile(from, gzipSync(`${lines.join('\n')}\n${JSON.stringify({ lines: lines.length, seal: seal.toString('hex') })}\n`))
  await writeFile(`${from}.key`, await readFile(`${copy}.key`))
  return from
}
const linesOf = async () => gunzipSync(await readFile(copy)).toString().trim().split('\n').slice(0, -1)

test('one row among thousands that the store refuses: none of them is kept', async () => {
  const lines = await linesOf()
  const first = lines.findIndex((line) => line.startsWith('{"table":"chain_event"'))
  const columns = JSON.parse(lines[first]).columns
  const spoil = async (name, code, words, change) => {
    const row = JSON.parse(lines[first + 900])
    change(row)
    const db = await newStore(z.at, name)
    await refused(['restore', '--db', db, '--from', await forge(name, lines.toSpliced(first + 901, 0, JSON.stringify(row)))], code, words)
    await leavesNothing(name, db)
  }
  await spoil('twice', 1, /conflicts with what is there/, () => {})
  await spoil('bare', 1, /conflicts with what is there/, (row) => { row[columns.indexOf('body')] = null })
})

/** Whoever forges the seal as well still meets the log's own proof. */
test('a byte of history changed under a new seal is found by the log and named', async () => {
  const lines = await linesOf()
  const event = lines.findIndex((line) => line.startsWith('{"table":"chain_event"')) + 9
  const row = JSON.parse(lines[event])
  const body = row.findIndex((cell) => cell?.startsWith('b') && Buffer.from(cell.slice(1), 'base64url')[0] === 0x7b)
  const bytes = Buffer.from(row[body].slice(1), 'base64url').toString()
  row[body] = `b${Buffer.from(bytes.replace(/"at":(\d)/, (_, d) => `"at":${d === '1' ? 2 : 1}`)).toString('base64url')}`
  const from = await forge('forged', lines.with(event, JSON.stringify(row)))
  const db = await newStore(z.at, 'forged')
  await refused(['restore', '--db', db, '--from', from], 1, /seq|event/)
  await leavesNothing('forged', db)
})

test('a full disk while backing up or restoring leaves nothing behind', async () => {
  const done = await run(['backup', '--db', z.db, '--to', join(z.at, 'full.backup')], { blocks: 512 })
  assert.notEqual(done.code, 0)
  assert.equal(done.err.trim().split('\n').length, 1, done.err)
  await assert.rejects(access(join(z.at, 'full.backup')))
  if (POSTGRESQL) return // its disk is not this process's to fill
  const db = join(z.at, 'full.db')
  const back = await run(['restore', '--db', `sqlite:${db}`, '--from', copy], { blocks: 4096 })
  assert.notEqual(back.code, 0)
  assert.equal(back.err.trim().split('\n').length, 1, back.err)
  await leavesNothing('full')
  await assert.rejects(access(join(z.at, 'full.db.files')))
  await rm(`${copy}.part`, { force: true })
})
