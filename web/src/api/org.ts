/* SPDX-License-Identifier: Apache-2.0 */
import { get, withQuery } from '../base/request'
import type { Person, Place, Unit } from './types'

export async function placesUnder(parent: string): Promise<Place[]> {
  return (await get<{ items: Place[] }>(withQuery('/api/v1/places', { parent }))).items
}

export async function placesNamed(q: string): Promise<Place[]> {
  return (await get<{ items: Place[] }>(withQuery('/api/v1/places', { q }))).items
}

export function onePlace(code: string): Promise<Place> {
  return get<Place>(`/api/v1/places/${encodeURIComponent(code)}`)
}

export async function unitsOf(query: { place?: string; q?: string }): Promise<Unit[]> {
  return (await get<{ items: Unit[] }>(withQuery('/api/v1/units', query))).items
}

export async function peopleOf(query: { unit?: string; q?: string }): Promise<Person[]> {
  return (await get<{ items: Person[] }>(withQuery('/api/v1/people', query))).items
}

export function oneUnit(id: string): Promise<Unit> {
  return get<Unit>(`/api/v1/units/${encodeURIComponent(id)}`)
}
