// SPDX-License-Identifier: Apache-2.0
// What is done to a city while its store fails: one act of each sort that writes.
import assert from 'node:assert/strict'
import { picture } from '../api/harness.mjs'
import { POSTGRESQL, sql } from '../api/store.mjs'

const day = (n) => new Date(Date.now() + 8 * 3600_000 + n * 86_400_000).toISOString().slice(0, 10)
const BODY = POSTGRESQL ? "convert_from(body, 'UTF8')" : 'CAST(body AS TEXT)'
const one = async (db, query) => Number((await sql(db, query))[0].n)
const births = (db, words) => one(db, `SELECT count(*) AS n FROM chain_event WHERE rev = 1 AND ${BODY} LIKE '%${words}%'`)

/** Recorded, judged and ordered in one answer: three events, a clock, notices, figures. */
export async function ordered(z) {
  const me = await z.self('firm')
  const photo = await z.photo('firm')
  return {
    name: 'a creation judged and ordered',
    good: 201,
    begin: (name) => ({ name, body: { kind: 'hazard', place: me.place, fields: { enterprise: me.unit, source: 'self',
      found_on: day(0), description: `坏掉时登记的 ${name}。`, level: 'general', owner_person: me.person, measures: '更换并登记',
      deadline: day(30), photos: [photo] } } }),
    act: (it) => z.post('firm', '/api/v1/records', it.body, { 'Idempotency-Key': it.name }),
    same: (answer) => answer.value.id,
    done: (it) => births(z.db, `坏掉时登记的 ${it.name}。`),
  }
}

/** Applied for: a step with fields, a photograph, clocks that change, notices. */
export async function applied(z) {
  const make = await ordered(z)
  const photo = await z.photo('firm')
  return {
    name: 'a step',
    good: 200,
    async begin(name) {
      const made = await make.act(make.begin(`made-${name}`))
      assert.equal(made.status, 201, made.text)
      return { name, id: made.value.id, tag: made.etag }
    },
    act: (it) => z.post('firm', `/api/v1/records/${it.id}/steps/apply`, { fields: { after_photos: [photo], result: `已更换 ${it.name}` } },
      { 'Idempotency-Key': it.name, 'If-Match': it.tag }),
    same: (answer) => answer.etag,
    async done(it) {
      const { items } = await z.get('firm', `/api/v1/records/${it.id}/events`)
      return items.filter((event) => event.step === 'apply').length
    },
  }
}

/** A step whose effects are promised to another stream, and delivered there once. */
export async function followed(z) {
  const [office, district, other] = await Promise.all(['office', 'district', 'firm'].map((account) => z.self(account)))
  await z.make('firm', 'hazard', other.place, { enterprise: other.unit, source: 'self', found_on: day(0), description: '别处登记的一件' })
  const measure = { from: 'hazard', in: ['found'], where: [['enterprise', '=', other.unit]] }
  const raised = () => one(z.db, `SELECT count(*) AS n FROM chain_event WHERE rev = 1 AND ${BODY} LIKE '%"kind":"goal"%'`)
  const waiting = () => one(z.db, 'SELECT count(*) AS n FROM chain_promise')
  return {
    name: 'a step with promises',
    good: 200,
    async begin(name) {
      const goal = await z.make('office', 'goal', office.place,
        { name: '逐件跟踪', unit: district.unit, type: 'FC', measure, target: 1000, due_on: day(30) })
      const parts = 1000 - goal.fields.left
      assert.ok(parts > 0, 'there is something to follow')
      return { name, id: goal.id, tag: `"${goal.revision}"`, parts, before: await raised() }
    },
    act: (it) => z.post('office', `/api/v1/records/${it.id}/steps/follow`, {}, { 'Idempotency-Key': it.name, 'If-Match': it.tag }),
    same: (answer) => answer.etag,
    async done(it) {
      while (await waiting()) await new Promise((soon) => { setImmediate(soon) })
      return (await raised() - it.before) / it.parts
    },
  }
}

/** A photograph sent: bytes in the folder, rows in the store. */
export async function sent(z) {
  return {
    name: 'an upload',
    good: 201,
    begin: (name) => ({ name, bytes: picture() }),
    act(it) {
      const form = new FormData()
      form.set('file', new Blob([it.bytes], { type: 'image/png' }), 'photo.png')
      return z.ask('firm', 'POST', '/api/v1/files', { body: form, headers: { 'Idempotency-Key': it.name } })
    },
    same: (answer) => answer.value.digest,
    async done(it, answer) {
      const got = await z.ask('firm', 'GET', `/api/v1/files/${answer.value.digest}`)
      assert.equal(got.status, 200)
      return one(z.db, `SELECT count(*) AS n FROM record_file WHERE digest = '${answer.value.digest}'`)
    },
  }
}

/** Eight creations at once: a group of one commit, whose innocent members are done and whose guilty ones leave nothing. */
export async function together(z) {
  const make = await ordered(z)
  const SIZE = 8
  return {
    name: 'creations in one group',
    good: 201,
    begin: (name) => ({ name, parts: Array.from({ length: SIZE }, (_, n) => make.begin(`${name}x${n}`)) }),
    async act(it) {
      const answers = await Promise.all(it.parts.map((part) => make.act(part)))
      it.had ??= answers.map((answer) => answer.status === 201 && answer.value.id)
      for (const [n, answer] of answers.entries()) {
        if (it.had[n] && answer.status === 201) assert.equal(answer.value.id, it.had[n], 'what was answered stays')
      }
      return answers.find((answer) => answer.status !== 201) ?? answers[0]
    },
    same: (answer) => answer.status,
    done: async (it) => await births(z.db, `坏掉时登记的 ${it.name}x`) / SIZE,
  }
}
