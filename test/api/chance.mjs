// SPDX-License-Identifier: Apache-2.0
// Things that happen to a city at random, through its own doors: records made, some with past days, steps
// chosen from what is possible, filled by their schema; re-openings, hand-overs and places that merge.
//
//   await happen(cities, { seed, until: async () => enough })
import { run } from './harness.mjs'

const DAY = 86_400_000
const ACCOUNTS = ['firm', 'boss', 'shop', 'grid', 'township', 'officer', 'chief', 'bureau', 'district', 'office', 'firm2',
  'housing', 'bureau2', 'office2']
const dayOf = (shift) => new Date(Date.now() + 8 * 3600_000 + shift * DAY).toISOString().slice(0, 10)

/** Numbers that follow from a seed. */
export function numbers(seed) {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

class Chance {
  #choices = new Map()
  #photos = new Map()

  constructor(city, pick) {
    Object.assign(this, { city, pick, done: {} })
  }

  one(list) {
    return list[this.pick(list.length)]
  }

  /** What may be named there, asked once an account. */
  async choices(account, route) {
    const key = `${account} ${route}`
    if (!this.#choices.has(key)) {
      const answer = await this.city.ask(account, 'GET', route)
      this.#choices.set(key, (answer.value?.items ?? []).map((item) => item.id ?? item.code ?? item.key).filter(Boolean))
    }
    return this.#choices.get(key)
  }

  async photo(account) {
    if (!this.#photos.has(account)) this.#photos.set(account, await this.city.photo(account))
    return this.#photos.get(account)
  }

  async value(account, schema) {
    const names = schema['x-field']
    if (names === 'file') return this.photo(account)
    if (names === 'money' || names === 'decimal') return `${this.pick(100)}.5`
    if (schema['x-from']) return this.one(await this.choices(account, schema['x-from']))
    if (schema.enum) return this.one(schema.enum)
    if (schema.const !== undefined) return schema.const
    if (schema.format === 'date') return dayOf(this.pick(40) - 5)
    if (schema.format === 'date-time') return new Date(Date.now() + this.pick(20) * DAY).toISOString()
    if (schema.type === 'boolean') return this.pick(2) === 0
    if (schema.type === 'integer') return (schema.minimum ?? 0) + this.pick(3)
    if (schema.type === 'array') {
      const item = await this.value(account, schema.items)
      return item === undefined ? undefined : [item]
    }
    if (schema.type === 'object') return this.fields(account, schema)
    return `随机写下的文字，第 ${this.pick(1e6)} 次`
  }

  async fields(account, schema) {
    const out = {}
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (!schema.required?.includes(name) && this.pick(3)) continue
      const value = await this.value(account, property)
      if (value !== undefined) out[name] = value
    }
    return out
  }

  /** A closed hazard is looked at again: it holds, or is opened once more. */
  async lookBack() {
    const looker = this.one(['district', 'district', 'office2'])
    const closed = (await this.city.get(looker, '/api/v1/records?limit=100&kind=hazard&state=closed')).items
    if (!closed.length) return
    this.kinds ??= (await this.city.get('office', '/api/v1/kinds')).items
    const subject = this.one(closed)
    const reasons = this.kinds.find((k) => k.kind === 'lookback').fields.properties.reason_for.enum
    const made = await this.city.post(looker, '/api/v1/records', { kind: 'lookback', place: subject.place.code ?? subject.place,
      fields: { subject: subject.id, reason_for: this.one(reasons) } })
    this.count(made.status === 201 ? 'look back' : `look back ${made.status}`)
    if (made.status !== 201) return
    for (const account of [looker, 'township', 'officer', 'bureau', 'chief', 'district', 'office2', 'bureau2', 'office']) {
      const steps = (await this.city.ask(account, 'GET', `/api/v1/records/${made.value.id}/steps`)).value?.items ?? []
      const open = steps.filter((s) => s.open !== false && s.step !== 'drop')
      if (!open.length) continue
      const step = this.one(open)
      const answer = await this.city.post(account, `/api/v1/records/${made.value.id}/steps/${step.step}`,
        { fields: await this.fields(account, step.fields) }, { 'If-Match': `"${made.value.revision}"` })
      this.count(answer.status === 200 ? step.step : `refused ${answer.status}`)
      return
    }
  }

  /** All records, or those of one kind in one state. */
  async filter(account) {
    if (!this.pick(3)) return ''
    this.kinds ??= (await this.city.get(account, '/api/v1/kinds')).items
    const kind = this.pick(3) ? this.kinds.find((k) => k.kind === 'hazard') : this.one(this.kinds)
    return `&kind=${kind.kind}&state=${this.one(kind.states).state}`
  }

  count(name) {
    this.done[name] = (this.done[name] ?? 0) + 1
  }

  async create() {
    const account = this.one(['firm', 'boss', 'shop', 'grid', 'firm2', 'firm', 'grid'])
    const me = await this.self(account)
    const enterprise = account === 'grid'
      ? this.one(await this.choices(account, `/api/v1/units?place=${me.place}`)) : me.unit
    const fields = { enterprise, source: account === 'grid' ? 'grid' : 'self', found_on: dayOf(-this.pick(60)),
      description: `随机发现的隐患 ${this.pick(1e6)}` }
    if (account !== 'grid' && this.pick(2)) {
      Object.assign(fields, { level: 'general', owner_person: me.person, measures: '更换护栏并张贴标识', deadline: dayOf(this.pick(60)) })
    }
    const answer = await this.city.post(account, '/api/v1/records', { kind: 'hazard', place: me.place, fields })
    this.count(answer.status === 201 ? 'create' : `create ${answer.status}`)
  }

  async self(account) {
    this.selves ??= new Map()
    if (!this.selves.has(account)) this.selves.set(account, await this.city.self(account))
    return this.selves.get(account)
  }

  /** A step that is open to somebody on one of the records he sees. */
  async step() {
    const account = this.one(ACCOUNTS)
    const list = await this.city.ask(account, 'GET', `/api/v1/records?limit=40${await this.filter(account)}`)
    if (!list.value?.items?.length) return
    const record = this.one(list.value.items)
    const steps = await this.city.ask(account, 'GET', `/api/v1/records/${record.id}/steps`)
    const open = (steps.value?.items ?? []).filter((s) => s.open !== false)
    if (!open.length) return
    // What has happened least so far happens first, most often: every kind of step has its turn.
    const times = (s) => this.done[s.step] ?? 0
    const step = this.pick(4) ? open.reduce((a, b) => (times(b) < times(a) ? b : a)) : this.one(open)
    const answer = await this.city.post(account, `/api/v1/records/${record.id}/steps/${step.step}`,
      { fields: await this.fields(account, step.fields) }, { 'If-Match': `"${record.revision}"` })
    this.count(answer.status === 200 ? step.step : `refused ${answer.status}`)
  }
}

/** Writers side by side until so many are done; {step: times}. */
export async function happen(cities, { seed, until, writers = 8 }) {
  const chances = cities.flatMap((city, c) => Array.from({ length: writers / cities.length },
    (_, w) => new Chance(city, numbers(seed * 1000 + c * 100 + w))))
  let over = false
  await Promise.all(chances.map(async (chance) => {
    for (let n = 1; !over; n++) {
      if (chance.pick(4) === 0) await chance.create()
      else if (chance.pick(12) === 0) await chance.lookBack()
      else await chance.step()
      if (n % 10 === 0) over ||= await until()
    }
  }))
  const done = {}
  for (const chance of chances) for (const [name, n] of Object.entries(chance.done)) done[name] = (done[name] ?? 0) + n
  return done
}

/** Open work of one person goes to another; a place is merged into its neighbour. */
export async function change(db, words) {
  const said = await run([...words, '--db', db])
  if (said.code !== 0) throw new Error(`zhiben ${words.join(' ')}: ${said.err}`)
}
