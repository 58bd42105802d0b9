/* SPDX-License-Identifier: Apache-2.0 */
import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { compare, decimalOf, readDecimal } from './decimal'
import { apply, truthy } from './evaluate'
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
    expect(apply(c.rule, c.data)).toEqual(c.result)
    const names = new Set([...Object.keys(c.data), 'today', ...pathsOf(c.rule).map((p) => p?.split('.')[0] ?? '')])
    if (!('days' in c.data) && !('today' in c.data)) {
      expect(judge(c.rule, c.data, names)).toBe(truthy(c.result))
    }
  },
)

const SUITES = process.env.ZHIBEN_SUITES
const PUBLISHED = SUITES
  ? pathToFileURL(`${SUITES}/json-logic/suites/`)
  : new URL('../../../../shared/suites/json-logic/suites/', import.meta.url)

/* What the server gives where it differs from the suite, [place, case, ours, why]: test/unit/test_kind_logic.c. */
const APART = JSON.parse(readFileSync(new URL('../../../test/cases/logic-apart.json', import.meta.url), 'utf8')) as {
  operators: string[]
  cases: Record<string, [number, string, unknown, string][]>
}

function isOurs(rule: unknown): boolean {
  if (Array.isArray(rule)) return rule.every(isOurs)
  if (typeof rule !== 'object' || rule === null) return true
  const names = Object.keys(rule)
  if (names.length === 1 && !APART.operators.includes(names[0] ?? '')) return false
  return Object.values(rule).every(isOurs)
}

/* Results that are not whole are decimal texts with us and reals in the suite. */
function agree(want: unknown, got: unknown): boolean {
  if (typeof want === 'number') {
    const [a, b] = [decimalOf(want), typeof got === 'number' ? decimalOf(got) : readDecimal(String(got))]
    return a !== null && b !== null && compare(a, b) === 0
  }
  if (Array.isArray(want) && Array.isArray(got)) return want.length === got.length && want.every((w, i) => agree(w, got[i]))
  return JSON.stringify(want) === JSON.stringify(got)
}

if (existsSync(PUBLISHED)) {
  test('the published cases come to what they come to on the server', () => {
    let ran = 0
    for (const file of JSON.parse(readFileSync(new URL('index.json', PUBLISHED), 'utf8')) as string[]) {
      for (const [place, c] of casesOf(new URL(file, PUBLISHED)).entries()) {
        if (!isOurs(c.rule)) continue
        const apart = APART.cases[file]?.find(([at]) => at === place)
        const got = apply(c.rule, c.data)
        expect(agree(apart ? apart[2] : c.result, got), `${file} ${JSON.stringify(c)} gives ${JSON.stringify(got)}`).toBe(true)
        ran++
      }
    }
    expect(ran).toBeGreaterThanOrEqual(940)
  })
} else {
  console.log('suite absent, not run: shared/suites/json-logic')
}

test('amounts are exact: what was computed compares as a number', () => {
  const record = { loss: '1200.50', limit: 900 }
  expect(apply({ '+': [0.1, 0.2] }, {})).toBe('0.3')
  expect(apply({ '==': [{ '+': [{ var: 'loss' }, '0.1'] }, '1200.60'] }, record)).toBe(true)
  expect(apply({ '>=': [{ var: 'loss' }, { var: 'limit' }] }, record)).toBe(true)
  expect(apply({ '/': [1, 3] }, {})).toBe('0.333333333333')
  expect(apply({ '*': ['1.10', 3] }, {})).toBe('3.3')
  expect(apply({ '+': [{ var: 'absent' }, 1] }, record)).toBe(null)
  expect(apply({ '+': [9007199254740991, 1] }, {})).toBe('9007199254740992')
})

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
