/* SPDX-License-Identifier: Apache-2.0 */
import type { Title } from '../base/value'
import { get, request } from '../base/request'

export interface LinkFor {
  for: 'office' | 'account'
  account: string | null
  name: string | null
  place: string
  place_name: string
  level: number
  expires_at: string
}

export interface LinkUse {
  token: string
  password: string
  office?: string | undefined
  name?: string | undefined
  account?: string | undefined
  place?: string | undefined
}

export interface Setup {
  place: string
  place_name: string
  units: number
  objects: number
  people: number
  waiting: number
  rules: boolean
  tables: { kind: string; title: Title }[]
}

export interface Import {
  id: string
  kind: string
  state: 'running' | 'ending' | 'done' | 'halted' | 'failed' | 'interrupted'
  done: number
  total: number
  taken: number
  unchanged: number
  refused: number
  detail: string | null
  report: string | null
  at: string
}

export interface Rules {
  edition: string
  tables: Record<string, { rows: Record<string, unknown>[] }>
  durations: Record<string, unknown>[]
}

export interface PersonLink {
  account: string
  name: string
  unit_name: string
  token: string
  expires_at: string
}

export async function linkFor(token: string): Promise<LinkFor> {
  return (await request<LinkFor>('/api/v1/links', { method: 'POST', body: { token } })).value
}

export async function useLink(use: LinkUse): Promise<string> {
  return (await request<{ account: string }>('/api/v1/links/use', { method: 'POST', body: use })).value.account
}

export function setupNow(): Promise<Setup> {
  return get<Setup>('/api/v1/setup')
}

export function suggestedRules(): Promise<Rules> {
  return get<Rules>('/api/v1/setup/rules')
}

export async function adoptRules(): Promise<void> {
  await request('/api/v1/setup/rules', { method: 'POST' })
}

export async function handOutLinks(): Promise<PersonLink[]> {
  return (await request<{ items: PersonLink[] }>('/api/v1/setup/links', { method: 'POST' })).value.items
}

export function templateAddress(kind: string): string {
  return `/api/v1/templates/${encodeURIComponent(kind)}`
}

export async function sendTable(kind: string, file: File, all: boolean): Promise<string> {
  const form = new FormData()
  form.append('kind', kind)
  form.append('mode', all ? 'all' : 'good')
  form.append('file', file, file.name)
  return (await request<{ id: string }>('/api/v1/imports', { method: 'POST', form })).value.id
}

export function oneImport(id: string): Promise<Import> {
  return get<Import>(`/api/v1/imports/${encodeURIComponent(id)}`)
}

export async function allImports(): Promise<Import[]> {
  return (await get<{ items: Import[] }>('/api/v1/imports')).items
}

export async function endImport(id: string): Promise<Import> {
  return (await request<Import>(`/api/v1/imports/${encodeURIComponent(id)}`, { method: 'DELETE' })).value
}
