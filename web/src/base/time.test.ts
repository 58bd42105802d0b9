/* SPDX-License-Identifier: Apache-2.0 */
import { expect, test } from 'vitest'
import { addDays, chipDays, dayOf, dayPart, daysBetween, daysOf, longDay, minuteOf } from './time'

test('chips count from the day given, over months and leap days', () => {
  expect(chipDays([0, 3, 7, 15, 30], '2028-02-14')).toEqual([
    { n: 0, day: '2028-02-14' },
    { n: 3, day: '2028-02-17' },
    { n: 7, day: '2028-02-21' },
    { n: 15, day: '2028-02-29' },
    { n: 30, day: '2028-03-15' },
  ])
  expect(chipDays(undefined, '2026-01-01')).toEqual([])
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
})

test('a day is a day in Shanghai, whatever the machine thinks', () => {
  expect(dayOf(new Date('2026-11-21T16:00:00Z'))).toBe('2026-11-22')
  expect(dayOf(new Date('2026-11-21T15:59:59Z'))).toBe('2026-11-21')
  expect(dayPart('2026-11-22T00:30:00+08:00')).toBe('2026-11-22')
  expect(dayPart('2026-11-22')).toBe('2026-11-22')
  expect(dayPart('soon')).toBe('')
  expect(minuteOf('2026-11-21T16:05:00Z')).toBe('2026-11-22 00:05')
})

test('days between count whole days, either way', () => {
  expect(daysBetween('2026-02-27', '2026-03-01')).toBe(2)
  expect(daysBetween('2026-03-01', '2026-02-27')).toBe(-2)
})

test('papers write a day in full', () => {
  expect(longDay('2026-01-05', 'zh-CN')).toBe('2026年1月5日')
  expect(longDay('2026-01-05', 'en')).toBe('5 January 2026')
})

test('a period of a board has its first and its last day', () => {
  expect(daysOf('2026-11-21')).toEqual({ from: '2026-11-21', to: '2026-11-21' })
  expect(daysOf('2028-02')).toEqual({ from: '2028-02-01', to: '2028-02-29' })
  expect(daysOf('2026-Q4')).toEqual({ from: '2026-10-01', to: '2026-12-31' })
  expect(daysOf('2026')).toEqual({ from: '2026-01-01', to: '2026-12-31' })
  expect(daysOf('soon')).toBe(null)
})
