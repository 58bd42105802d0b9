/* SPDX-License-Identifier: Apache-2.0 */
import { expect, test } from 'vitest'
import { changed, conditionOf, pressed, turned } from './paging'

test('an address says a condition by single words', () => {
  expect(conditionOf({ state: 'open', q: '', level: null, sort: ['due', 'due'] })).toEqual({ state: 'open' })
})

test('a changed condition begins at the first page', () => {
  expect(changed({ state: 'open', cursor: 'c9' }, { level: 'major' })).toEqual({ state: 'open', level: 'major' })
  expect(changed({ state: 'open', cursor: 'c9' }, { state: undefined })).toEqual({})
})

test('turning pages keeps the condition, and the first page has no cursor', () => {
  const now = { state: 'open', limit: '50' }
  const second = turned(now, 'c2')
  expect(second).toEqual({ ...now, cursor: 'c2' })
  expect(turned(second, '')).toEqual(now)
  expect(now).toEqual({ state: 'open', limit: '50' })
})

test('several states may be pressed, a duty is one', () => {
  expect(pressed({}, 'state', 'a')).toBe('a')
  expect(pressed({ state: 'a' }, 'state', 'b')).toBe('a,b')
  expect(pressed({ state: 'a,b' }, 'state', 'a')).toBe('b')
  expect(pressed({ state: 'a' }, 'state', 'a')).toBeUndefined()
  expect(pressed({ mine: 'owe' }, 'mine', 'verify', true)).toBe('verify')
  expect(pressed({ mine: 'owe' }, 'mine', 'owe', true)).toBeUndefined()
})
