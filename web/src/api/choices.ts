/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/choices.ts - what a field that names something may name: the route in its `x-from`.
 */
import { get, withQuery } from '../base/request'
import { words } from '../base/i18n'
import { textOf, type Fields, type Title } from '../base/value'
import type { Schema } from './types'

export interface Choice {
  id: string
  name: string
  note: string
  place: string | null
}

/** The route where a definition gives none, by what the field names. */
const ROUTES: Record<string, string> = {
  unit: '/api/v1/units',
  person: '/api/v1/people',
  place: '/api/v1/places',
}

/** What a field names (`unit`, `person`, `record` …) without the kinds after the colon. */
export function namedSort(schema: Schema): string {
  const mark = schema['x-field'] ?? ''
  const colon = mark.indexOf(':')
  return colon < 0 ? mark : mark.slice(0, colon)
}

export function routeOf(schema: Schema): string | null {
  const from = schema['x-from']
  if (from) return from.startsWith('/') ? from : `/api/v1/${from}`
  const sort = namedSort(schema)
  if (ROUTES[sort]) return ROUTES[sort] ?? null
  if (sort === 'record') {
    const kinds = (schema['x-field'] ?? '').slice('record:'.length).split('|')
    return withQuery('/api/v1/records', kinds.length === 1 ? { kind: kinds[0] } : {})
  }
  return null
}

function choiceOf(item: Fields): Choice {
  const id = textOf(item.id ?? item.code ?? item.digest ?? item.edition ?? item.post)
  const name = words((item.name ?? item.title) as Title)
  const number = typeof item.number === 'string' ? item.number : ''
  const note = textOf(item.unit_name ?? item.full_name ?? item.place_name ?? item.note ?? '')
  return {
    id,
    name: [number, name].filter((t) => t !== '').join(' ') || id,
    note,
    place: typeof item.place === 'string' ? item.place : null,
  }
}

export async function searchChoices(
  route: string,
  q: string,
  signal?: AbortSignal,
): Promise<Choice[]> {
  const path = withQuery(route, { q: q || undefined, limit: 30 })
  const answer = await get<{ items: Fields[] }>(path, signal)
  return answer.items.map(choiceOf)
}
