// SPDX-License-Identifier: Apache-2.0
// Old data opens: every store that an earlier binary left is read by today's.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { copyFile, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { folder, json, run, ZHIBEN } from './harness.mjs'

const KEPT = join(dirname(fileURLToPath(import.meta.url)), '..', 'kept')
// Definitions that are new or changed since a store was left, in an order in which each finds what it names.
const DEFINITIONS = join(KEPT, '..', '..', 'definitions')
const CHANGED_SINCE = { '02b': ['old_ledger', 'hazard'] }
const stores = (await readdir(KEPT, { withFileTypes: true })).filter((e) => e.isDirectory()).map((e) => e.name)

async function unpack(name) {
  const at = await folder()
  await writeFile(join(at, 'store.db'), gunzipSync(await readFile(join(KEPT, name, 'store.db.gz'))))
  await copyFile(join(KEPT, name, 'store.db.key'), join(at, 'store.db.key'))
  return { at, file: join(at, 'store.db'), db: `sqlite:${join(at, 'store.db')}` }
}

test('there are kept stores', () => assert.ok(stores.length > 0))

for (const name of stores) {
  test(`store ${name} opens: upgraded, proved, rebuilt, its list as of then unchanged`, async () => {
    const { at, db } = await unpack(name)
    try {
      const want = JSON.parse(await readFile(join(KEPT, name, 'list.json'), 'utf8'))
      const list = async () => (await json(['export', want.kind, `as_of=${want.as_of}`, '--db', db, '--as', want.as, '--format', 'json']))
        .map(({ id, number, state, level, revision, title }) => ({ id, number, state, level, revision, title }))
      assert.equal((await json(['rebuild', '--db', db])).differs, null) // the first to write upgrades
      assert.ok((await json(['verify', '--db', db, '--figures'])).cells > 0)
      assert.deepEqual(await list(), want.items)
    } finally {
      await rm(at, { recursive: true, force: true })
    }
  })

  test(`store ${name}, killed again and again while it is upgraded, opens all the same`, async () => {
    const { at, db } = await unpack(name)
    try {
      for (let ms = 1; ms < 200; ms *= 2) {
        const child = spawn(ZHIBEN, ['rebuild', '--db', db], { stdio: 'ignore' })
        const over = once(child, 'exit')
        const late = setTimeout(() => child.kill('SIGKILL'), ms)
        await over
        clearTimeout(late)
      }
      assert.equal((await json(['rebuild', '--db', db])).differs, null)
      assert.ok((await json(['verify', '--db', db, '--figures'])).cells > 0)
    } finally {
      await rm(at, { recursive: true, force: true })
    }
  })

  test(`store ${name}, upgraded, keeps its tables as a new store does`, async () => {
    const { at, db, file } = await unpack(name)
    try {
      assert.equal((await json(['rebuild', '--db', db])).differs, null)
      const fresh = join(at, 'new.db')
      assert.equal((await run(['init', '--db', `sqlite:${fresh}`, '--places', '320200'])).code, 0)
      const tables = (path) => {
        const store = new DatabaseSync(path, { readOnly: true })
        const all = store.prepare(`SELECT t.name, t.wr, (SELECT group_concat(i.name || ':' || i."unique" || ':' || (SELECT
          group_concat(c.name) FROM pragma_index_info(i.name) c)) FROM (SELECT * FROM pragma_index_list(t.name) ORDER BY
          name) i) AS keys, (SELECT group_concat(c.name || ' ' || c.type || ' ' || c.pk) FROM pragma_table_info(t.name) c)
          AS columns FROM pragma_table_list t WHERE t.schema = 'main' AND t.type = 'table' ORDER BY t.name`).all()
        store.close()
        return all.map((table) => ({ ...table }))
      }
      assert.deepEqual(tables(file), tables(fresh))
    } finally {
      await rm(at, { recursive: true, force: true })
    }
  })

  if (name in CHANGED_SINCE)
    test(`store ${name} takes the definitions of today, and what it holds stays as it is`, async () => {
      const { at, db } = await unpack(name)
      try {
        for (const kind of CHANGED_SINCE[name])
          assert.equal((await json(['adopt', join(DEFINITIONS, `${kind}.json`), '--db', db])).adopted, kind)
        assert.equal((await json(['rebuild', '--db', db])).differs, null)
        assert.ok((await json(['verify', '--db', db, '--figures'])).cells > 0)
      } finally {
        await rm(at, { recursive: true, force: true })
      }
    })

  test(`store ${name}, were it newer than the binary, is refused in one line`, async () => {
    const { at, db, file } = await unpack(name)
    try {
      const store = new DatabaseSync(file)
      store.exec("UPDATE store_meta SET value = '9999' WHERE name = 'schema'")
      store.close()
      const done = await run(['verify', '--db', db])
      assert.notEqual(done.code, 0)
      assert.match(done.err.trim(), /newer/)
      assert.equal(done.err.trim().split('\n').length, 1)
    } finally {
      await rm(at, { recursive: true, force: true })
    }
  })
}
