/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts/tone.ts - the only two meanings colour has: how grave a thing is (a filled square mark)
 * and how its progress stands (a round lamp). They never share a shape.
 *
 * Knows: the words of gravity that standards use (重大 较大 一般 低), never a kind's values.
 */
import type { RecordNow } from '../api/types'
import { dayPart, daysBetween, today } from '../base/time'
import { titleIn, type Title } from '../base/value'

export type Gravity = 'gravest' | 'grave' | 'fair' | 'slight' | 'plain'

/* The order matters: 特别重大 and 重大 are red, 较大 orange, 一般 yellow, 低 blue (GB/T 4-colour practice). */
const GRAVITIES: [RegExp, Gravity][] = [
  [/重大|特大/, 'gravest'],
  [/较大|严重/, 'grave'],
  [/一般/, 'fair'],
  [/低|轻微|较小/, 'slight'],
]

export function gravityOf(title: Title): Gravity {
  const zh = titleIn(title, 'zh-CN')
  return GRAVITIES.find(([pattern]) => pattern.test(zh))?.[1] ?? 'plain'
}

export type Lamp = 'done' | 'late' | 'near' | 'going' | 'still'

const NEAR_DAYS = 7

export function lampOf(due: string | null, ended: boolean): Lamp {
  if (ended) return 'done'
  const day = dayPart(due)
  if (!day) return 'still'
  const left = daysBetween(today(), day)
  if (left < 0 || (due !== null && due.length > 10 && Date.parse(due) < Date.now())) return 'late'
  return left <= NEAR_DAYS ? 'near' : 'going'
}

export function lampOfRecord(r: RecordNow): Lamp {
  return lampOf(r.due, r.closed_at !== null && r.closed_at !== undefined)
}
