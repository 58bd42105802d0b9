// SPDX-License-Identifier: Apache-2.0
// Two verifiers, the binary's and one written from docs/kept-format.md alone, agree: that a whole store
// is whole, and on the first event that is not what was signed, whatever was done to the store.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { copyFile, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { reader, verify } from '../verifier.mjs'
import { PASSWORD, folder, run } from './harness.mjs'
import { POSTGRESQL, copyStore, dropStore, madeOnce, sql, UNSEEN } from './store.mjs'

const KEPT = join(dirname(fileURLToPath(import.meta.url)), '..', 'kept')

let at
let db
let key
before(async () => {
  at = await folder()
  db = await madeOnce('city', at, async (address) => {
    const made = await run(['init', '--db', address, '--demo', 'wuxi', '--scale', 'small', '--seed', '7', '--password', PASSWORD])
    assert.equal(made.code, 0, made.err)
  })
  key = await keyOf(db)
})
after(async () => {
  await dropStore(db)
  await rm(at, { recursive: true, force: true })
})

async function keyOf(store) {
  const [{ key: found }] = await sql(store, "SELECT signed_by AS key FROM chain_head WHERE signed_by <> '' ORDER BY stream LIMIT 1")
  return found
}

async function second(store, trusted) {
  const { rows, close } = await reader(store, UNSEEN)
  try {
    return verify(rows, trusted)
  } finally {
    close()
  }
}

/** What the binary says: {events, wrong}, `wrong` as [stream, seq] or null. */
async function binary(store) {
  const done = await run(['verify', '--db', store])
  assert.ok(done.code === 0 || done.code === 1, done.err)
  const { events, wrong = null } = JSON.parse(done.out)
  const named = wrong && [/\bstream (\d+)\b/.exec(wrong)?.[1], /\bevent (\d+)\b/.exec(wrong)?.[1]].map(Number)
  return { events, named, wrong }
}

async function agree(store, trusted, what) {
  const theirs = await second(store, trusted)
  const ours = await binary(store)
  assert.deepEqual(theirs.wrong && [theirs.wrong.stream, theirs.wrong.seq], ours.named,
    `${what}: ${JSON.stringify(theirs.wrong)} and ${ours.wrong}`)
  return { ...theirs, ours }
}

test('the demonstration store is whole to both', async () => {
  const { wrong, events, ours } = await agree(db, key, 'as made')
  assert.equal(wrong, null)
  assert.ok(events > 1000)
  assert.equal(events, ours.events)
})

// A stream of records in its middle, and one that a place above anchors.
const CITY = '(SELECT max(stream) FROM chain_event)'
const MIDDLE = `(SELECT max(seq) / 2 FROM chain_event WHERE stream = ${CITY})`
const END = `(SELECT max(seq) FROM chain_event WHERE stream = ${CITY})`
const DAY = `stream = ${CITY} AND day = (SELECT min(day) FROM chain_day WHERE stream = ${CITY})`
const SECRET = `(stream, seq, field) = (SELECT stream, seq, field FROM chain_private ORDER BY stream, seq, field LIMIT 1)`
const bytesOf = (text) => (POSTGRESQL ? `convert_to(${text}, 'UTF8')` : `CAST(${text} AS BLOB)`)
const body = POSTGRESQL ? "convert_from(body, 'UTF8')" : 'CAST(body AS TEXT)'
const none = POSTGRESQL ? "decode(repeat('00', 64), 'hex')" : 'zeroblob(64)'
const COLUMNS = 'stream, rid, rev, at, state, level, line, place, unit, sealed, name, body, digest'

// What is done, and whether the first event named is known beforehand: [stream, seq] as an expression.
const FAULTS = {
  'an event changed': [`UPDATE chain_event SET body = ${bytesOf(`replace(${body}, '"v":1', '"v":2')`)}
    WHERE stream = ${CITY} AND seq = ${MIDDLE}`, MIDDLE],
  'a column changed': [`UPDATE chain_event SET place = place + 1 WHERE stream = ${CITY} AND seq = ${MIDDLE}`, MIDDLE],
  'an event given to another record': [`UPDATE chain_event SET rid = rid + 1 WHERE stream = ${CITY} AND seq =
    (SELECT max(seq) FROM chain_event WHERE stream = ${CITY} AND rid IS NOT NULL)`,
  `(SELECT max(seq) FROM chain_event WHERE stream = ${CITY} AND rid IS NOT NULL)`],
  'an event removed': [`DELETE FROM chain_event WHERE stream = ${CITY} AND seq = ${MIDDLE}`, MIDDLE],
  'an event inserted': [`UPDATE chain_event SET seq = -seq - 1 WHERE stream = ${CITY} AND seq > 5;
    UPDATE chain_event SET seq = -seq WHERE stream = ${CITY} AND seq < 0;
    INSERT INTO chain_event (${COLUMNS}, seq) SELECT stream, NULL, NULL, at, state, level, line, place, unit, sealed, NULL,
    body, digest, 6 FROM chain_event WHERE stream = ${CITY} AND seq = 5`, '6'],
  'events reordered': [`UPDATE chain_event SET seq = -1 WHERE stream = ${CITY} AND seq = 7;
    UPDATE chain_event SET seq = 7 WHERE stream = ${CITY} AND seq = 8;
    UPDATE chain_event SET seq = 8 WHERE stream = ${CITY} AND seq = -1`, '7'],
  'the tail cut': [`DELETE FROM chain_event WHERE stream = ${CITY} AND seq > ${END} - 3`, END],
  'a private value changed': [`UPDATE chain_private SET value = '"forged"' WHERE ${SECRET}`],
  'a private value that no event states': [`INSERT INTO chain_private SELECT stream, seq, 'forged', salt, value
    FROM chain_private WHERE ${SECRET}`],
  'an anchor changed': [`UPDATE chain_day SET at = at + 1 WHERE ${DAY}`],
  'an anchor removed': [`DELETE FROM chain_day WHERE ${DAY}`],
  'a node of the tree changed': [`UPDATE chain_node SET hash = digest FROM chain_event WHERE height = 1 AND n = 3
    AND chain_node.stream = ${CITY} AND chain_event.stream = ${CITY} AND seq = 1`, '8'],
  'a signature changed': [`UPDATE chain_head SET signature = ${none} WHERE stream = ${CITY}`, END],
  'a head changed': [`UPDATE chain_head SET at = at + 1 WHERE stream = ${CITY}`, END],
  'a head removed': [`DELETE FROM chain_head WHERE stream = ${CITY}`, END],
  'a stream removed whole': [['node', 'private', 'day', 'event', 'head'].map((name) => `DELETE FROM chain_${name}
    WHERE stream = (SELECT max(stream) FROM chain_head)`).join(';')],
}

for (const [what, [deed, expected]] of Object.entries(FAULTS)) {
  test(`both name the same first event: ${what}`, async () => {
    const store = await copyStore(db, at, what.replaceAll(/\W+/g, '_'))
    try {
      const seq = expected && (await sql(store, `SELECT ${expected} AS seq`))[0].seq
      await sql(store, deed)
      const { wrong } = await agree(store, key, what)
      assert.notEqual(wrong, null)
      if (expected) assert.equal(wrong.seq, Number(seq), JSON.stringify(wrong))
    } finally {
      await dropStore(store)
    }
  })
}

test('a log that another key signed is no log of ours', async () => {
  assert.notEqual((await second(db, '00'.repeat(31) + '01')).wrong, null)
})

if (!POSTGRESQL) {
  for (const name of (await readdir(KEPT, { withFileTypes: true })).filter((e) => e.isDirectory()).map((e) => e.name)) {
    test(`the store ${name} that was kept is whole to both`, async () => {
      const file = join(at, `${name}.db`)
      await writeFile(file, gunzipSync(await readFile(join(KEPT, name, 'store.db.gz'))))
      await copyFile(join(KEPT, name, 'store.db.key'), `${file}.key`)
      const before = await second(`sqlite:${file}`, await keyOf(`sqlite:${file}`))
      assert.equal(before.wrong, null)
      assert.equal((await run(['rebuild', '--db', `sqlite:${file}`])).code, 0) // the first to write upgrades
      const { wrong, events, ours } = await agree(`sqlite:${file}`, await keyOf(`sqlite:${file}`), name)
      assert.equal(wrong, null)
      assert.equal(events, ours.events)
      assert.equal(events, before.events)
    })
  }
}
