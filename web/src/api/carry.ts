/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/carry.ts - an old ledger: its headings read, its rows checked, its pieces counted anew.
 */
import { get, request } from '../base/request'
import type { Title } from '../base/value'

export interface OldColumn {
  column: number
  heading: string
  samples: string[]
  field: string | null
}

export interface OldField {
  field: string
  title: Title
  /** Every row must give it. */
  demanded: boolean
  /** May be given by several columns: a unit by its name and its code. */
  several: boolean
  choices?: { value: string; title: Title }[]
}

export interface OldHead {
  file: string
  act: string
  sheets: string[]
  sheet: number
  heading_row: number
  rows: number
  columns: OldColumn[]
  fields: OldField[]
}

export interface Piece {
  file: string
  rows: number
}

export interface OldReport {
  act: string
  rows: number
  good: number
  bad: number
  steps: { step: string; title: Title; state: Title; final: boolean; rows: number }[]
  years: { year: string; rows: number }[]
  units: number
  pieces?: Piece[]
  bad_file?: string | null
  errors: { row: number; cell: string | null; heading: string | null; value: string | null; detail: string }[]
}

export async function readOld(kind: string, file: File, sheet: number): Promise<OldHead> {
  const form = new FormData()
  form.append('kind', kind)
  form.append('sheet', String(sheet))
  form.append('file', file, file.name)
  return (await request<OldHead>('/api/v1/carry', { method: 'POST', form })).value
}

export interface OldAsk {
  kind: string
  place: string
  file: string
  sheet: number
  heading_row: number
  columns: Record<string, string>
  constants: Record<string, unknown>
}

export async function checkOld(ask: OldAsk): Promise<OldReport> {
  return (await request<OldReport>('/api/v1/carry/check', { method: 'POST', body: ask })).value
}

export function reportOld(id: string): Promise<OldReport> {
  return get<OldReport>(`/api/v1/carry/${encodeURIComponent(id)}`)
}
