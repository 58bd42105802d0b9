/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/time.ts - days and instants as Zhiben means them: a bare date is a day in Asia/Shanghai.
 *
 * Knows: ISO 8601 texts, the offset of Shanghai (no summer time since 1991).
 * Does not know: holidays; due moments come from the server.
 */
const SHANGHAI_MS = 8 * 3600 * 1000
const DAY_MS = 24 * 3600 * 1000

function shanghai(at: Date): Date {
  return new Date(at.getTime() + SHANGHAI_MS)
}

/** The day of an instant, as YYYY-MM-DD. */
export function dayOf(at: Date): string {
  return shanghai(at).toISOString().slice(0, 10)
}

export function today(): string {
  return dayOf(new Date())
}

export function addDays(day: string, n: number): string {
  return new Date(Date.parse(day + 'T00:00:00Z') + n * DAY_MS).toISOString().slice(0, 10)
}

/** The days that chips under a date offer, counted from a day. */
export function chipDays(chips: number[] | undefined, from: string): { n: number; day: string }[] {
  return (chips ?? []).map((n) => ({ n, day: addDays(from, n) }))
}

/** Whole days from one day to another; negative when the second is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to + 'T00:00:00Z') - Date.parse(from + 'T00:00:00Z')) / DAY_MS)
}

export function isBareDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text)
}

/** The day part of a date or an instant, in Shanghai; empty when it is neither. */
export function dayPart(text: string | null | undefined): string {
  if (!text) return ''
  if (isBareDay(text)) return text
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? '' : dayOf(at)
}

/** Date and minute in Shanghai, as people read it in a ledger. */
export function minuteOf(text: string | null | undefined): string {
  if (!text) return ''
  if (isBareDay(text)) return text
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) return text
  return shanghai(at).toISOString().slice(0, 16).replace('T', ' ')
}

/* The first month, from 0, and how many. */
const PERIODS: [RegExp, (n: number) => [number, number]][] = [
  [/^(\d{4})-(\d{2})$/, (n) => [n - 1, 1]],
  [/^(\d{4})-Q([1-4])$/, (n) => [3 * (n - 1), 3]],
  [/^(\d{4})()$/, () => [0, 12]],
]

/** The first and the last day of a period as boards write it: 2026-11-21, 2026-11, 2026-Q4, 2026. */
export function daysOf(period: string): { from: string; to: string } | null {
  if (isBareDay(period)) return { from: period, to: period }
  for (const [shape, months] of PERIODS) {
    const found = shape.exec(period)
    if (!found) continue
    const year = Number(found[1])
    const [first, n] = months(Number(found[2]))
    const day = (month: number, date: number) => new Date(Date.UTC(year, month, date)).toISOString().slice(0, 10)
    return { from: day(first, 1), to: day(first + n, 0) }
  }
  return null
}

/** A date in Chinese or English long form, for papers. */
export function longDay(text: string, locale: string): string {
  const day = dayPart(text)
  if (!day) return text
  const [y, m, d] = day.split('-').map(Number)
  if (locale.startsWith('zh')) return `${y}年${m}月${d}日`
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(day + 'T00:00:00Z'),
  )
}
