/* SPDX-License-Identifier: Apache-2.0 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import type { Schema } from '../api/types'
import { check, requiredNow } from './validate'

interface Group {
  schema: unknown
  tests: { data: unknown; valid: boolean }[]
}

/* The keywords a definition may use: docs/definitions.md. The server judges; a page only tells early. */
const CLAIMED = new Set(('type enum const format minLength maxLength pattern minimum maximum multipleOf items minItems ' +
  'maxItems uniqueItems properties required additionalProperties if then else title description default $schema $comment').split(' '))

function isClaimed(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return false
  return Object.entries(schema).every(([name, value]) => {
    if (!CLAIMED.has(name)) return false
    if (name === 'additionalProperties') return value === false
    if (name === 'properties') return Object.values(value as object).every(isClaimed)
    return ['items', 'if', 'then', 'else'].includes(name) ? isClaimed(value) : true
  })
}

const SUITES = process.env.ZHIBEN_SUITES
const PUBLISHED = SUITES
  ? pathToFileURL(`${SUITES}/json-schema/tests/draft2020-12/`)
  : new URL('../../../../shared/suites/json-schema/tests/draft2020-12/', import.meta.url)
if (existsSync(PUBLISHED)) {
  test('a page refuses nothing that the official suite takes', () => {
    let ran = 0
    for (const name of readdirSync(PUBLISHED).filter((n) => n.endsWith('.json') && n !== 'format.json')) {
      for (const { schema, tests } of JSON.parse(readFileSync(new URL(name, PUBLISHED), 'utf8')) as Group[]) {
        if (!isClaimed(schema)) continue
        for (const { data } of tests.filter((t) => t.valid)) {
          expect(check(schema as Schema, data), `${name} ${JSON.stringify(schema)} ${JSON.stringify(data)}`).toEqual([])
          ran++
        }
      }
    }
    expect(ran).toBeGreaterThan(150)
  })
} else {
  console.log('suite absent, not run: shared/suites/json-schema')
}

test('what is short, long, large, of another form or too many is told where it stands', () => {
  const schema = {
    type: 'object',
    required: ['words'],
    properties: {
      words: { type: 'string', minLength: 2, maxLength: 4 },
      money: { type: 'string', 'x-field': 'money' },
      times: { type: 'integer', minimum: 1, maximum: 3 },
      code: { type: 'string', pattern: '^[A-Z]{2}$' },
      rows: { type: 'array', maxItems: 1, items: { type: 'object', properties: { what: { type: 'string', minLength: 2 } } } },
    },
  } as unknown as Schema
  const at = (data: object) => check(schema, data).map((r) => r.pointer)
  expect(at({ words: '安全', money: '1200.5', times: 2, code: 'AB', rows: [{ what: '安全' }] })).toEqual([])
  expect(at({ words: '安', money: '1,000', times: 4, code: 'a', rows: [{ what: '安' }, {}] }))
    .toEqual(['/words', '/money', '/times', '/code', '/rows', '/rows/0/what'])
  expect(at({ times: 1.5 })).toEqual(['/words', '/times'])
})

test('a branch asks for its members while its condition holds', () => {
  const schema = {
    if: { required: ['level'], properties: { level: { const: 'major' } } },
    then: { required: ['clause'] },
    else: { if: { required: ['mender'] }, then: { required: ['after'] } },
  } as unknown as Schema
  expect([...requiredNow(schema, { level: 'major' })]).toEqual(['clause'])
  expect([...requiredNow(schema, { level: 'general', mender: 'p1' })]).toEqual(['after'])
  expect([...requiredNow(schema, {})]).toEqual([])
})
