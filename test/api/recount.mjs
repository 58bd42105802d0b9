// SPDX-License-Identifier: Apache-2.0
// Every figure counted once more from the events of the log, the tree of places and the definitions, by
// other means than the product's: compared with what it answers at every node, line and day.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { POSTGRESQL, sql } from './store.mjs'

const TOP = join(import.meta.dirname, '..', '..')
const DAY = 86_400_000
const COUNTY = 4
const FAR = '2099-12-31'
const dayOf = (ms) => Math.floor((Number(ms) + 8 * 3600_000) / DAY)
const dayText = (day) => new Date(day * DAY).toISOString().slice(0, 10)
const dayFrom = (text) => (text.length === 10 ? Date.parse(`${text}T00:00:00Z`) / DAY : dayOf(Date.parse(text)))

/* ---- places ---- */

async function readTree(db) {
  const places = new Map()
  for (const p of await sql(db, 'SELECT id, code, parent, level FROM org_place')) places.set(Number(p.id), { ...p, past: [] })
  const past = await sql(db, 'SELECT id, to_day, parent FROM org_place_past ORDER BY id, to_day')
  for (const p of past) places.get(Number(p.id)).past.push({ to: Number(p.to_day), parent: Number(p.parent) })
  const parentOn = (id, day) => {
    const p = places.get(id)
    return Number((p.past.find((was) => was.to >= day) ?? p).parent)
  }
  /** A place and all above it, as on that day. */
  const chainOn = (id, day) => {
    const chain = []
    for (let at = id; at && places.has(at); at = parentOn(at, day)) chain.push(at)
    return chain
  }
  const turns = [...new Set([0, ...past.map((p) => Number(p.to_day) + 1)])].sort((a, b) => a - b)
  return { places, chainOn, turns, level: (id) => Number(places.get(id).level) }
}

/** The nodes other than itself that a place counts for, with the days: it lies below them, or went into them. */
function reach(tree, known, place) {
  if (!known.has(place)) {
    const out = []
    tree.turns.forEach((from, i) => {
      for (const node of tree.chainOn(place, from).slice(1)) {
        if (tree.level(node) < COUNTY || tree.level(node) === tree.level(place)) out.push({ node, from, to: (tree.turns[i + 1] ?? Infinity) - 1 })
      }
    })
    known.set(place, out)
  }
  return known.get(place)
}

/* ---- definitions ---- */

function logic(rule, read) {
  if (rule === null || typeof rule !== 'object') return rule
  const [[op, args]] = Object.entries(rule)
  const of = (x) => logic(x, read)
  if (op === 'var') return read(args)
  if (op === '==') return of(args[0]) === of(args[1])
  if (op === '!') return !of(Array.isArray(args) ? args[0] : args)
  if (op === 'and') return args.every((x) => of(x))
  throw new Error(`the recount does not know ${op}`)
}

function kinds() {
  const out = {}
  for (const name of readdirSync(join(TOP, 'definitions')).filter((n) => n.endsWith('.json'))) {
    const d = JSON.parse(readFileSync(join(TOP, 'definitions', name)))
    out[d.kind] = d
  }
  return out
}

/* ---- records, event by event ---- */

/** late.CLOCK: deadlines that passed, by the clocks as they stood before the step. */
function lateness(record, clock, at) {
  const c = record.clocks[clock]
  return c ? (c.late ?? 0) + (c.due && c.due < (c.held ?? at) ? 1 : 0) : 0
}

function reader(record, before, at) {
  return (path) => {
    if (path.startsWith('late.')) return lateness(before, path.slice(5), at)
    if (path === 'state') return record.state
    return record.fields[path]
  }
}

/** What a stock counts of a record: its dimensions and its day, or nothing. */
function counted(f, record, before, at) {
  if (!record?.state || record.sealed || !f.in.includes(record.state)) return null
  if (f.from && !record.fields[f.from]) return null
  if (f.if && !logic(f.if, reader(record, before, at))) return null
  return { dims: dimsOf(f, record), on: f.from ? dayFrom(record.fields[f.from]) : null, above: record.above, line: record.line }
}

function dimsOf(f, record) {
  const dims = {}
  for (const name of f.by ?? []) {
    const value = name === 'state' ? record.state : record.fields[name]
    if (value !== undefined && value !== null) dims[name] = typeof value === 'string' ? value : JSON.stringify(value)
  }
  return dims
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)

/** The record after an event. */
function next(record, body) {
  const o = body.outcome ?? {}
  const fields = { ...record?.fields, ...body.fields }
  for (const [name, value] of Object.entries(fields)) if (value === null) delete fields[name]
  return {
    fields, state: body.to ?? record?.state, sealed: Boolean(o.sealed ?? record?.sealed), line: o.line ?? record?.line ?? 0,
    above: o.parties?.above ?? record?.above ?? [], clocks: o.clocks ?? record?.clocks ?? {},
  }
}

/** Every change of every figure: {f, id, dims, above, line, on, recorded, n}. */
async function changes(db, definitions) {
  const body = POSTGRESQL ? "convert_from(body, 'UTF8')" : 'CAST(body AS TEXT)'
  const rows = await sql(db, `SELECT at, ${body} AS body FROM chain_event ORDER BY pos`)
  const records = new Map()
  const out = []
  for (const row of rows) {
    const e = JSON.parse(row.body)
    const kind = definitions[e.kind]
    if (!kind || !e.record) continue
    const before = records.get(e.record)
    const record = next(before, e)
    records.set(e.record, record)
    const recorded = dayOf(row.at)
    for (const f of kind.figures ?? []) {
      if (f.in) {
        const was = counted(f, before, before, row.at)
        const is = counted(f, record, before ?? record, row.at)
        if (same(was, is)) continue
        if (was) out.push({ f, id: e.record, ...was, recorded, n: -1 })
        if (is) out.push({ f, id: e.record, ...is, recorded, n: 1 })
      } else if (f.step && [f.step].flat().includes(e.step) && !record.sealed &&
          (!f.if || logic(f.if, reader(record, before ?? record, Number(row.at))))) {
        const on = f.from && record.fields[f.from] ? dayFrom(record.fields[f.from]) : recorded
        out.push({ f, id: e.record, dims: dimsOf(f, record), above: record.above, line: record.line, on, recorded, n: 1 })
      }
    }
  }
  return { events: rows.length, list: out }
}

/* ---- cells ---- */

/** figure → node → "dims line" → day → n; of a stock, what changes on the day. */
function add(cells, c, node, day) {
  const of = (map, key) => map.get(key) ?? map.set(key, new Map()).get(key)
  const days = of(of(of(cells, c.f.figure), node), `${JSON.stringify(c.dims)} ${c.line}`)
  days.set(day, (days.get(day) ?? 0) + c.n)
}

function cellsOf(tree, list) {
  const cells = new Map()
  const known = new Map()
  for (const c of list) {
    const stock = Boolean(c.f.in)
    const dated = stock && c.f.from
    for (const place of c.above) {
      add(cells, c, place, c.on ?? c.recorded)
      for (const { node, from, to } of reach(tree, known, place)) {
        // A record of a county counts above it once: by its county, or by itself where it lies above one.
        if (tree.level(node) < COUNTY && place !== c.above.at(-1)) continue
        if (!stock) {
          if (c.recorded >= from && c.recorded <= to) add(cells, c, node, c.on)
          continue
        }
        if (c.recorded > to) continue
        if (dated) {
          if (to === Infinity) add(cells, c, node, c.on)
          continue
        }
        add(cells, c, node, Math.max(c.recorded, from))
        if (to < Infinity) add(cells, { ...c, n: -c.n }, node, to + 1)
      }
    }
  }
  return cells
}

/* ---- against the product ---- */

/** The value of each series on each day asked for, out of what changes. */
function expected(f, series, days) {
  const out = new Map()
  for (const [key, changesOf] of series ?? []) {
    if (!f.in || f.from) {
      for (const [day, n] of changesOf) if (n) out.set(`${key} ${dayText(day)}`, n)
      continue
    }
    const sorted = [...changesOf].sort((a, b) => a[0] - b[0])
    for (const day of days) {
      const n = sorted.reduce((sum, [at, amount]) => (at <= day ? sum + amount : sum), 0)
      if (n) out.set(`${key} ${dayText(day)}`, n)
    }
  }
  return out
}

function answered(f, cells, lines) {
  const out = new Map()
  for (const cell of cells) {
    const dims = {}
    for (const name of f.by ?? []) if (cell[name] !== undefined) dims[name] = cell[name]
    if (cell.value) out.set(`${JSON.stringify(dims)} ${cell.line === null ? 0 : lines.get(cell.line)} ${cell.period}`, cell.value)
  }
  return out
}

/** Compares every figure at every node that holds anything; {events, figures, nodes, cells}. */
export async function recount(cities, account) {
  const [z] = cities
  const definitions = kinds()
  const tree = await readTree(z.db)
  const { events, list } = await changes(z.db, definitions)
  const cells = cellsOf(tree, list)
  const lines = new Map(JSON.parse(readFileSync(join(TOP, 'standards/lines.json'))).rows.map((l) => [l.key, l.number]))
  const top = tree.places.get(Number((await sql(z.db, "SELECT n FROM org_generation WHERE what = 'top'"))[0].n))
  const today = dayOf(Date.now())
  const nodes = new Set([...cells.values()].flatMap((byNode) => [...byNode.keys()]))
  const tally = { events, figures: 0, nodes: 0, cells: 0 }
  for (const node of [...nodes]) {
    if (!tree.chainOn(node, today).includes(Number(top.id))) nodes.delete(node)
  }
  tally.nodes = nodes.size
  let turn = 0
  for (const kind of Object.values(definitions)) {
    for (const f of (kind.figures ?? []).filter((one) => !one.agg.startsWith('ratio'))) {
      tally.figures += 1
      await Promise.all([...nodes].map(async (node) => {
        const from = f.in && !f.from ? today - (tree.level(node) <= COUNTY ? 120 : 20) : null
        const query = new URLSearchParams({ place: tree.places.get(node).code, by: [...(f.by ?? []), 'line'].join(','), period: 'day',
          ...(f.in && f.from ? { to: FAR } : {}), ...(from ? { from: dayText(from) } : {}) })
        const city = cities[turn++ % cities.length]
        const answer = await city.get(account, `/api/v1/figures/${f.figure}?${query}`)
        const days = from ? Array.from({ length: today - from + 1 }, (_, i) => from + i) : []
        const ours = expected(f, cells.get(f.figure)?.get(node), days)
        const theirs = answered(f, answer.cells, lines)
        tally.cells += theirs.size
        for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
          assert.equal(theirs.get(key) ?? 0, ours.get(key) ?? 0, `${f.figure} at ${query.get('place')}: ${key} (answered, counted)`)
        }
      }))
    }
  }
  return tally
}

/* ---- what a cell counts, record by record ---- */

/** What each record adds to a cell within days: {id: times}. A stock is asked for at the end of `to`. */
function membersOf(f, records, from, to) {
  const out = {}
  for (const [id, days] of records) {
    let n = 0
    for (const [day, amount] of days) if (day <= to && (f.in && !f.from ? true : day >= from)) n += amount
    if (n) out[id] = n
  }
  return out
}

/** figure → node → "dims line" → id → day → n. */
function byRecord(tree, list) {
  const of = (map, key) => map.get(key) ?? map.set(key, new Map()).get(key)
  const lists = new Map()
  for (const c of list) lists.set(c.id, [...lists.get(c.id) ?? [], c])
  const out = new Map()
  for (const [id, own] of lists) {
    for (const [figure, nodes] of cellsOf(tree, own)) {
      for (const [node, cells] of nodes) for (const [key, days] of cells) of(of(of(out, figure), node), key).set(id, days)
    }
  }
  return out
}

/** The whole list behind a query: {records: {id: times}, answer: of the first page}. */
export async function openedList(city, account, query) {
  const records = {}
  let answer
  for (let cursor = null; ;) {
    const page = await city.get(account, `/api/v1/records?${new URLSearchParams({ ...query, ...(cursor ? { cursor } : {}) })}`)
    answer ??= page
    for (const item of page.items) {
      assert.ok(!(item.id in records), `${item.id} stands once: ${JSON.stringify(query)}`)
      records[item.id] = item.times ?? 1
    }
    cursor = page.next
    if (!cursor) return { records, answer }
  }
}

/** Opens each cell, or each of so many, of every figure at every node, and compares its records with ours; {opened, records, several}. */
export async function recountOpened(cities, account, each = 1) {
  const [z] = cities
  const tree = await readTree(z.db)
  const { list } = await changes(z.db, kinds())
  const cells = byRecord(tree, list)
  const lines = new Map(JSON.parse(readFileSync(join(TOP, 'standards/lines.json'))).rows.map((l) => [l.number, l.key]))
  const top = Number((await sql(z.db, "SELECT n FROM org_generation WHERE what = 'top'"))[0].n)
  const today = dayOf(Date.now())
  const tally = { opened: 0, records: 0, several: 0 }
  let turn = 0
  let n = 0
  const open = async (kind, f, node, key, records, days) => {
    const [, dims, line] = /^(.*) (\d+)$/.exec(key)
    const told = JSON.parse(dims)
    const without = [...(f.by ?? []).filter((name) => !(name in told)), ...(line === '0' ? ['line'] : [])]
    const ours = membersOf(f, records, days.from ?? -Infinity, days.to ?? (f.in ? today : Infinity))
    const query = { kind: kind.kind, figure: f.figure, place: tree.places.get(node).code, ...told,
      ...(line === '0' ? {} : { line: lines.get(Number(line)) }), ...(without.length ? { without: without.join(',') } : {}),
      ...(days.from === undefined ? {} : { from: dayText(days.from) }), ...(days.to === undefined ? {} : { to: dayText(days.to) }),
      limit: turn % 3 ? 200 : 3 }
    const theirs = await openedList(cities[turn++ % cities.length], account, query)
    const said = JSON.stringify(query)
    assert.deepEqual(Object.fromEntries(Object.entries(theirs.records).sort()), Object.fromEntries(Object.entries(ours).sort()), said)
    assert.equal(theirs.answer.total, Object.keys(ours).length, said)
    const sum = Object.values(ours).reduce((a, b) => a + b, 0)
    assert.deepEqual([theirs.answer.figure.value, theirs.answer.figure.beyond], [sum, 0], said)
    tally.opened += 1
    tally.records += Object.keys(ours).length
    tally.several += Object.values(ours).filter((n) => n > 1).length
  }
  for (const kind of Object.values(kinds())) {
    for (const f of (kind.figures ?? []).filter((one) => !one.agg.startsWith('ratio'))) {
      const asked = []
      for (const [node, series] of cells.get(f.figure) ?? []) {
        if (!tree.chainOn(node, today).includes(top)) continue
        for (const [key, records] of series) {
          const on = [...new Set([...records.values()].flatMap((days) => [...days.keys()]))].sort((a, b) => a - b)
          const some = [on[0], on.at(-1)]
          const times = f.in && !f.from
            ? [{}, { to: some[0] }, { to: some[1] - 1 }, ...tree.turns.filter((day) => day).map((day) => ({ to: day - 1 }))]
            : [{}, { from: some[0], to: some[0] }, { from: some[0], to: some[1] }, ...(f.in ? [{ to: today + 30 }] : [])]
          for (const days of times) if (n++ % each === 0) asked.push([node, key, records, days])
        }
      }
      for (let i = 0; i < asked.length; i += 16) await Promise.all(asked.slice(i, i + 16).map((one) => open(kind, f, ...one)))
    }
  }
  return tally
}
