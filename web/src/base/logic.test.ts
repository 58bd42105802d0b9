/* SPDX-License-Identifier: Apache-2.0 */
import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import jsonLogic, { type RulesLogic } from 'json-logic-js'
import { expect, test } from 'vitest'
import { holds, judge, pathsOf } from './logic'
import { addDays, today } from './time'
import type { Fields } from './value'

interface Case {
  rule: unknown
  data: Fields
  result: unknown
}

function casesOf(file: URL): Case[] {
  const all = JSON.parse(readFileSync(file, 'utf8')) as unknown[]
  return all.filter((c): c is Case => typeof c === 'object' && c !== null)
}

/* The server reads the same file: test/unit/test_kind_eval.c. */
const OURS = casesOf(new URL('../../../test/cases/conditions.json', import.meta.url))

test.each(OURS.map((c) => [JSON.stringify(c.rule), JSON.stringify(c.data), c] as const))(
  '%s over %s',
  (_rule, _data, c) => {
    expect(jsonLogic.apply(c.rule as RulesLogic, c.data)).toEqual(c.result)
    const names = new Set([...Object.keys(c.data), 'today', ...pathsOf(c.rule).map((p) => p?.split('.')[0] ?? '')])
    if (!('days' in c.data) && !('today' in c.data)) {
      expect(judge(c.rule, c.data, names)).toBe(jsonLogic.truthy(c.result))
    }
  },
)

const SUITES = process.env.ZHIBEN_SUITES
const PUBLISHED = SUITES
  ? pathToFileURL(`${SUITES}/json-logic/suites/compatible.json`)
  : new URL('../../../../shared/suites/json-logic/suites/compatible.json', import.meta.url)
if (existsSync(PUBLISHED)) {
  test('the published cases hold', () => {
    for (const c of casesOf(PUBLISHED)) {
      expect(jsonLogic.apply(c.rule as RulesLogic, c.data), JSON.stringify(c)).toEqual(c.result)
    }
  })
} else {
  console.log('suite absent, not run: shared/suites/json-logic')
}

test('days count from today, and a bare day is compared as text', () => {
  expect(holds({ '<': [{ var: 'days.deadline' }, 0] }, { deadline: addDays(today(), -1) })).toBe(true)
  expect(holds({ '<=': [{ var: 'on' }, { var: 'today' }] }, { on: today() })).toBe(true)
})

const NAMES = new Set(['mode', 'lead', 'team', 'hasty'])

test('what only the server knows is left open, unless it does not matter', () => {
  const certified = { var: 'lead.certified' }
  expect(judge(certified, { lead: 'p1' }, NAMES)).toBeUndefined()
  expect(judge({ and: [certified, { '==': [{ var: 'mode' }, 'a'] }] }, { mode: 'b' }, NAMES)).toBe(false)
  expect(judge({ or: [certified, { '==': [{ var: 'mode' }, 'b'] }] }, { mode: 'b' }, NAMES)).toBe(true)
  expect(judge({ if: [certified, true, false] }, { mode: 'b' }, NAMES)).toBeUndefined()
  expect(judge({ '!': [certified] }, {}, NAMES)).toBeUndefined()
  expect(judge({ in: [{ var: 'me.role' }, ['grid']] }, {}, NAMES)).toBeUndefined()
})

test('no condition holds, and what cannot be read hides nothing', () => {
  expect(judge(undefined, {}, NAMES)).toBe(true)
  expect(holds(null, {})).toBe(true)
  expect(holds({ nonsense: [1] }, {})).toBe(true)
})
