/* SPDX-License-Identifier: Apache-2.0 */
import { expect, test } from 'vitest'
import { tell, valuesFor } from './guard'
import type { Fields } from './value'

const NAMES = new Set(['sort', 'grade', 'clause', 'hasty', 'why', 'result', 'rows', 'team', 'lead', 'until'])
const is = (name: string, value: string): Fields => ({ '==': [{ var: name }, value] })
const has = (...names: string[]): Fields => ({ '!': { missing: names } })

function told(condition: unknown, fields: Fields): { must: string[]; idle: string[]; not: string[] } {
  const t = tell(condition, fields, NAMES)
  return { must: [...t.must].sort(), idle: [...t.idle].sort(), not: [...t.not].sort() }
}

test('a demand without condition is one', () => {
  expect(told({ and: [has('clause'), { '!!': [{ var: 'team' }] }] }, {})).toEqual({ must: ['clause', 'team'], idle: [], not: [] })
})

test('a demand under another answer is idle, under this one it must be met', () => {
  const guard = { and: [{ if: [is('grade', 'major'), has('clause'), true] }, { if: [{ var: 'hasty' }, has('why'), true] }] }
  expect(told(guard, {})).toEqual({ must: [], idle: ['clause', 'why'], not: [] })
  expect(told(guard, { grade: 'major' })).toEqual({ must: ['clause'], idle: ['why'], not: [] })
  expect(told(guard, { grade: 'general', hasty: true })).toEqual({ must: ['why'], idle: ['clause'], not: [] })
})

test('what one answer refuses is refused under it alone', () => {
  const guard = {
    if: [is('result', 'none'), { '!': [{ var: 'rows' }] }, is('result', 'some'), { '!!': [{ var: 'rows' }] }, true],
  }
  expect(told(guard, {})).toEqual({ must: [], idle: ['rows'], not: [] })
  expect(told(guard, { result: 'none' })).toEqual({ must: [], idle: ['rows'], not: ['rows'] })
  expect(told(guard, { result: 'some' })).toEqual({ must: ['rows'], idle: [], not: [] })
})

test('of two ways the one that is left must hold', () => {
  const guard = { or: [{ '!': [{ var: 'result' }] }, { var: 'hasty' }] }
  expect(told(guard, {}).not).toEqual(['result'])
  expect(told(guard, { hasty: true }).not).toEqual([])
})

test('what no row of a list may give is told for the one role it is said of', () => {
  const guard = { and: [{ or: [{ '!': [{ in: [{ var: 'me.role' }, ['grid', 'expert']] }] }, { none: [{ var: 'rows' }, { var: 'until' }] }] }] }
  const rows = (fields: Fields, names: Set<string>) => [...tell(guard, fields, names).rows].map(([list, barred]) => [list, [...barred]])
  const withMe = new Set([...NAMES, 'me'])
  expect(rows({ me: { role: 'grid' } }, withMe)).toEqual([['rows', ['until']]])
  expect(rows({ me: { role: 'inspector' } }, withMe)).toEqual([])
  expect(rows({}, NAMES)).toEqual([])
})

test('what hangs on what the page cannot know is left alone', () => {
  const guard = { if: [{ var: 'lead.certified' }, has('clause'), true] }
  expect(told(guard, { lead: 'p1' })).toEqual({ must: [], idle: [], not: [] })
  expect(told({ and: [{ '>': [{ var: 'until' }, { var: 'old.until' }] }, { in: [{ var: 'lead' }, { var: 'team' }] }] }, {})).toEqual(
    { must: [], idle: [], not: [] },
  )
})

test('a name that is no field of the form is no demand', () => {
  expect(told(has('strange', 'clause'), {})).toEqual({ must: ['clause'], idle: [], not: [] })
})

test('the values one may enter are those an alternative lets through', () => {
  const values = ['a', 'b', 'c']
  const may = [{ if: is('sort', 'a') }, { if: { in: [{ var: 'sort' }, ['b', 'z']] } }]
  expect(valuesFor('sort', values, may, {}, NAMES)).toEqual(['a', 'b'])
  expect(valuesFor('grade', values, may, {}, NAMES)).toBeUndefined()
  expect(valuesFor('sort', values, [...may, {}], {}, NAMES)).toEqual(values)
})

test('a field that every alternative wants missing may not be entered', () => {
  const may = [{ if: { and: [is('sort', 'a'), { missing: ['until'] }] } }]
  expect(valuesFor('until', ['given'], may, { sort: 'a' }, NAMES)).toEqual([])
  expect(valuesFor('sort', ['a', 'b'], may, {}, NAMES)).toEqual(['a'])
})
