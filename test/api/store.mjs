// SPDX-License-Identifier: Apache-2.0
// Stores for tests: files, or, where ZHIBEN_STORE=postgresql, databases of the throw-away cluster that
// script/postgresql has started. One is named by its address, as on a command line.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, copyFile, cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'

export const POSTGRESQL = process.env.ZHIBEN_STORE === 'postgresql'
const SOCKET = process.env.ZHIBEN_POSTGRESQL
if (POSTGRESQL && !SOCKET) throw new Error('ZHIBEN_STORE=postgresql goes with script/postgresql, which sets ZHIBEN_POSTGRESQL')

// What tests ask is not among what the product was seen to send.
export const UNSEEN = { ...process.env, PGOPTIONS: '-c pg_stat_statements.track=none' }

/** Runs SQL as the cluster's superuser; what it prints. */
export async function psql(database, sql) {
  const words = ['-h', SOCKET, '-U', 'postgres', '-d', database, '-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', sql]
  return (await promisify(execFile)('psql', words, { maxBuffer: 1 << 28, env: UNSEEN })).stdout
}

/** An address with a user of one's choice; the folder holds the key and the attachments. */
export function addressOf(database, at, user = 'postgres') {
  return `postgresql://${user}@/${database}?host=${encodeURIComponent(SOCKET)}&folder=${encodeURIComponent(at)}`
}

const parts = (db) => {
  const [, database, folder] = /^postgresql:\/\/[^/]*\/([a-z0-9_]+)\?.*folder=(.*)$/.exec(db)
  return { database, folder: decodeURIComponent(folder) }
}

async function newDatabase(template = 'template0') {
  const database = `zhiben_${randomBytes(6).toString('hex')}`
  await psql('postgres', `CREATE DATABASE ${database} TEMPLATE ${template} STRATEGY file_copy`)
  return database
}

/** The address of a store that is not there yet, beside which nothing lies, within a folder. */
export async function newStore(at, name = 'city') {
  if (!POSTGRESQL) return `sqlite:${join(at, `${name}.db`)}`
  const inside = join(at, name)
  await mkdir(inside)
  return addressOf(await newDatabase(), inside)
}

/** What of a store lies in files: the store itself where it is one, its key, its attachments. */
export function filesOf(db) {
  if (POSTGRESQL) return ['zhiben.key', 'zhiben.files'].map((name) => join(parts(db).folder, name))
  const path = db.slice('sqlite:'.length)
  return [path, `${path}.key`, `${path}.files`]
}

/** A copy of a store that nobody has open. */
export async function copyStore(db, at, name = 'city') {
  if (POSTGRESQL) {
    const from = parts(db)
    const inside = join(at, name)
    await cp(from.folder, inside, { recursive: true })
    return addressOf(await newDatabase(from.database), inside)
  }
  const path = db.slice('sqlite:'.length)
  const to = join(at, `${name}.db`)
  for (const end of ['', '.key']) await copyFile(path + end, to + end)
  const files = `${path}.files`
  if (await access(files).then(() => true, () => false)) await cp(files, `${to}.files`, { recursive: true })
  return `sqlite:${to}`
}

/** Rows of a query, or nothing of a deed; bytes as hexadecimal text. */
export async function sql(db, text) {
  if (POSTGRESQL) {
    const { database } = parts(db)
    const query = /^\s*SELECT/i.test(text)
    const said = await psql(database, `SET search_path = zhiben; SET bytea_output = hex; ${
      query ? `SELECT coalesce(json_agg(x), '[]') FROM (${text}) x` : text}`)
    return query ? JSON.parse(said) : []
  }
  const store = new DatabaseSync(db.slice('sqlite:'.length))
  try {
    if (!/^\s*SELECT/i.test(text)) return store.exec(text)
    return store.prepare(text).all().map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) =>
      [name, value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value])))
  } finally {
    store.close()
  }
}

/** How the store would find the rows of a statement; PostgreSQL as it does where there are very many. */
export async function planOf(db, text) {
  if (POSTGRESQL) return psql(parts(db).database, `SET search_path = zhiben; SET enable_seqscan = off; EXPLAIN ${text}`)
  const store = new DatabaseSync(db.slice('sqlite:'.length), { readOnly: true })
  try {
    return store.prepare(`EXPLAIN QUERY PLAN ${text}`).all().map((row) => row.detail).join('\n')
  } finally {
    store.close()
  }
}

/** Takes a store's database away; files go with their folder. */
export async function dropStore(db) {
  if (POSTGRESQL) await psql('postgres', `DROP DATABASE IF EXISTS ${parts(db).database} WITH (FORCE)`)
}

/** The store that `make` makes, made once a cluster; on files, a new one each time. */
export async function madeOnce(name, at, make) {
  if (!POSTGRESQL) {
    const db = await newStore(at)
    await make(db)
    return db
  }
  const inside = join(SOCKET, name)
  const db = addressOf(name, inside)
  if (!(await psql('postgres', `SELECT 1 FROM pg_database WHERE datname = '${name}'`))) {
    await mkdir(inside)
    await psql('postgres', `CREATE DATABASE ${name} TEMPLATE template0`)
    await make(db)
  }
  return copyStore(db, at)
}
