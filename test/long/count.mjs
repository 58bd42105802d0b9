// SPDX-License-Identifier: Apache-2.0
// What a demonstration city holds, counted from its store the way demo/counts.json words it.
//
//   node count.mjs FILE    prints the counts of that store
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

const DAY = 86_400_000
const OPEN_ORDER = ['found', 'registered']
const VERIFYING = ['applied', 'self_reported', 'drawn']
const dayOf = (at) => Math.floor((at + 8 * 3_600_000) / DAY)
const dayFrom = (text) => Date.parse(`${text}T00:00:00Z`) / DAY

const dayText = (day) => new Date(day * DAY).toISOString().slice(0, 10)

/** A store to read: ask(sql, …values) gives rows, whole numbers as BigInt. */
function open(file) {
  const store = new DatabaseSync(file, { readOnly: true })
  return {
    ask(sql, ...values) {
      const statement = store.prepare(sql)
      statement.setReadBigInts(true)
      return statement.all(...values)
    },
    close: () => store.close(),
  }
}

/** What a kind's rows are keyed with in the log: {"stream rid": the record's own id}. */
function idsOf(store, kind) {
  const rows = store.ask(`SELECT stream, rid, json_extract(CAST(body AS TEXT), '$.record') AS id FROM chain_event
    WHERE rev = 1 AND json_extract(CAST(body AS TEXT), '$.kind') = ?`, kind)
  return new Map(rows.map((r) => [`${r.stream} ${r.rid}`, r.id]))
}

/** The records of a kind: {rid, id, state, closed, closed_on, cycle, unit, …public and indexed fields}. */
export function records(file, name) {
  const store = open(file)
  const [kind] = store.ask('SELECT id, body FROM record_definition WHERE kind = ? ORDER BY version DESC', name)
  const states = JSON.parse(kind.body).states.map((s) => s.state)
  const ids = idsOf(store, name), rows = new Map()
  for (const r of store.ask('SELECT stream, rid, state, cycle, closed, unit, fields FROM record_now WHERE kind = ?', kind.id)) {
    const rid = `${r.stream} ${r.rid}`
    rows.set(rid, { ...JSON.parse(r.fields), rid, id: ids.get(rid), unit: `u${r.unit}`, state: states[Number(r.state) - 1],
      cycle: Number(r.cycle), closed: r.closed === null ? null : Number(r.closed),
      closed_on: r.closed === null ? null : dayText(dayOf(Number(r.closed))) })
  }
  for (const f of store.ask('SELECT stream, rid, name, value FROM record_field WHERE kind = ?', kind.id)) {
    const row = rows.get(`${f.stream} ${f.rid}`)
    if (row) row[f.name] = f.value
  }
  for (const l of store.ask('SELECT stream, rid, field, target FROM record_link WHERE kind = ?', kind.id)) {
    const row = rows.get(`${l.stream} ${l.rid}`)
    if (row) row[l.field] = l.target
  }
  store.close()
  return [...rows.values()]
}

/** What happened to one record: [{step, to, day, by}]. */
export function events(file, rid) {
  const store = open(file)
  const rows = store.ask('SELECT CAST(body AS TEXT) AS body FROM chain_event WHERE stream = ? AND rid = ? ORDER BY seq',
    ...rid.split(' ').map(BigInt)).map((r) => JSON.parse(r.body))
  store.close()
  return rows.map((e) => ({ step: e.step, to: e.to, day: dayText(dayOf(e.at)), by: e.actor }))
}

/** The ids of units by their names. */
export function units(file) {
  const store = open(file)
  const all = new Map(store.ask('SELECT id, name FROM org_unit').map((u) => [u.name, `u${u.id}`]))
  store.close()
  return all
}

function tally(list, key) {
  const out = {}
  for (const one of list) out[key(one)] = (out[key(one)] ?? 0) + 1
  return out
}

function quantile(list, share) {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * share)]
}

/** How often each step of a kind was made: {step: [records it was made on once, twice or more]}. */
function stepsOf(file, kind) {
  const store = open(file)
  const out = {}
  const rows = store.ask(`SELECT step, times, count(*) AS n FROM (SELECT json_extract(CAST(body AS TEXT), '$.step')
    AS step, count(*) AS times FROM chain_event WHERE rid IS NOT NULL AND json_extract(CAST(body AS TEXT), '$.kind') = ?
    GROUP BY stream, rid, step) GROUP BY step, times`, kind)
  for (const r of rows) (out[r.step] ??= {})[Number(r.times)] = Number(r.n)
  store.close()
  return out
}

const times = (steps, name) => Object.entries(steps[name] ?? {}).reduce((sum, [n, records]) => sum + n * records, 0)
const days = (h) => dayOf(h.closed) - dayFrom(h.found_on)
const fieldSet = (h, name) => h[name] !== undefined && h[name] !== ''

export function count(file) {
  const hazards = records(file, 'hazard')
  const visits = records(file, 'visit')
  const lookbacks = records(file, 'lookback')
  const steps = stepsOf(file, 'hazard')
  const store = open(file)
  const written = Number(store.ask('SELECT count(*) AS n FROM chain_event')[0].n)
  store.close()
  const letters = tally(records(file, 'letter').filter((l) => l.state !== 'drafted' && l.state !== 'waived'), (l) => l.paper)
  const listing = stepsOf(file, 'listing')
  const matters = records(file, 'matter').filter((m) => m.ground === 'bounced')

  const general = hazards.filter((h) => h.level !== 'major')
  const major = hazards.filter((h) => h.level === 'major')
  const spot = times(steps, 'mend_seen') + times(steps, 'mend_inside')
  const ended = (list) => list.filter((h) => h.state === 'closed' && h.cycle === 1)
  const late = (h) => fieldSet(h, 'overdue_on')
  const rectifying = (list) => list.filter((h) => !['closed', 'settled', 'merged', 'void', 'moved_out', 'held', ...VERIFYING]
    .includes(h.state))
  const state = (list, ...names) => list.filter((h) => names.includes(h.state)).length
  const closedGeneral = ended(general).map(days)
  // One that was mended as it was seen ends the day it is found and never had a deadline.
  const timed = ended(general).filter((h) => fieldSet(h, 'deadline')).map(days)
  const longMajor = ended(major).map(days)
  const share = (n, of) => Math.round(n / of * 1000) / 1000
  const source = tally(hazards, (h) => h.source)
  const inspections = visits.filter((v) => v.mode === 'inspection' && v.result)
  return {
    events: written,
    visits: {
      inspection: inspections.length, patrol: visits.filter((v) => v.mode === 'patrol').length,
      self: visits.filter((v) => v.mode === 'self').length, expert: visits.filter((v) => v.mode === 'expert').length,
      covert: visits.filter((v) => v.mode === 'covert').length,
      lookback: lookbacks.filter((l) => l.state !== 'due').length,
    },
    nothing: {
      inspection: share(inspections.filter((v) => v.result === 'nothing_found').length, inspections.length),
      patrol: share(visits.filter((v) => v.mode === 'patrol' && v.result === 'nothing_found').length,
        visits.filter((v) => v.mode === 'patrol').length),
    },
    hazards: hazards.length, general: general.length, major: major.length,
    source: Object.fromEntries(Object.entries(source).map(([k, n]) => [k, share(n, hazards.length)])),
    state_general: {
      closed: state(general, 'closed', 'settled'), on_spot: spot, settled: state(general, 'settled'),
      looked: times(steps, 'look'), rectifying: rectifying(general).filter((h) => !late(h)).length,
      not_ordered: state(general, ...OPEN_ORDER), disputed: state(general, 'disputed', 'appealed'),
      handing: state(general, 'handing'), verifying: state(general, ...VERIFYING),
      self_reported: state(general, 'self_reported', 'drawn'), overdue: rectifying(general).filter(late).length,
      held: state(general, 'held'), void: state(general, 'void'), merged: state(general, 'merged'),
    },
    state_major: {
      closed: state(major, 'closed'), rectifying: rectifying(major).filter((h) => !late(h)).length,
      planning: state(major, 'planning'), listed: rectifying(major).filter((h) => !late(h) && fieldSet(h, 'listed_by')).length,
      verifying: state(major, ...VERIFYING), overdue: rectifying(major).filter(late).length,
      other: state(major, 'held', 'void', 'merged', 'moved_out'),
    },
    spot_share: share(spot, hazards.length),
    days_general: { all_median: quantile(closedGeneral, 0.5), median: quantile(timed, 0.5), p90: quantile(timed, 0.9) },
    days_major: { median: quantile(longMajor, 0.5), p90: quantile(longMajor, 0.9), most: quantile(longMajor, 1) },
    asked: share(times(steps, 'ask_extension'), times(steps, 'order') + times(steps, 'order_now')),
    granted: share(times(steps, 'extend'), times(steps, 'ask_extension')),
    returned: {
      once: share((steps.return ?? {})[1] ?? 0, Object.values(steps.apply ?? {}).reduce((a, b) => a + b, 0)),
      twice: share((steps.return ?? {})[2] ?? 0, Object.values(steps.apply ?? {}).reduce((a, b) => a + b, 0)),
    },
    went_overdue: times(steps, 'go_overdue'),
    listed: times(listing, 'list'), removed: times(listing, 'remove'),
    lookbacks: tally(lookbacks, (l) => l.state), letters, bounced: matters.length,
    overdue_units: tally(rectifying(major).filter(late), (h) => h.unit),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(count(process.argv[2]), null, 1))
