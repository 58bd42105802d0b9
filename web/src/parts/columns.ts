/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts/columns.ts - which columns a ledger has, and what stands in a cell.
 *
 * Knows: the columns every record has; a definition's `show` entries for the others.
 */
import type { Kind, RecordNow, Schema } from '../api/types'
import { i18n, words } from '../base/i18n'
import { minuteOf } from '../base/time'
import { textOf } from '../base/value'
import { plainWords, sortOf } from '../fields/sort'
import { propertyOf, shownAt } from '../stores/kinds'

export interface Column {
  name: string
  title: string
  schema: Schema | null
}

/** Columns of every record; `owner` is the language's own word for who owes it. */
const COMMON = [
  'number',
  'title',
  'kind',
  'place',
  'line',
  'responsible_unit',
  'owner',
  'desk',
  'state',
  'level',
  'cycle',
  'due',
  'created_at',
  'closed_at',
] as const

const ALWAYS_COMMON = new Set(['state', 'level', 'number'])

/** Columns where no definition says which: what a to-do list over all kinds shows. */
const PLAIN = ['number', 'title', 'kind', 'level', 'state', 'due', 'responsible_unit', 'desk']

function columnOf(name: string, kind: Kind | null): Column {
  const schema = kind ? (propertyOf(kind, name) ?? null) : null
  const common = (COMMON as readonly string[]).includes(name)
  if (common && (ALWAYS_COMMON.has(name) || !schema)) {
    return { name, title: i18n.global.t(`column.${name}`), schema: null }
  }
  return { name, title: words(schema?.title, name), schema }
}

export function columnsOf(kind: Kind | null, asked?: string[]): Column[] {
  const shown = asked ?? (kind ? shownAt(kind, 'list')[0]?.fields : undefined)
  if (shown?.length) {
    return shown.map((name) => columnOf(name, kind))
  }
  return (kind ? PLAIN.filter((n) => n !== 'kind') : PLAIN).map((name) => columnOf(name, kind))
}

export function cellWords(r: RecordNow, column: Column, kindTitle: (kind: string) => string): string {
  const names = r.names ?? {}
  const named = (id: string | null): string => (id ? (names[id] ?? i18n.global.t('field.unseen')) : '')
  if (column.schema) return plainWords(column.schema, r.fields?.[column.name], names)
  switch (column.name) {
    case 'kind':
      return kindTitle(r.kind)
    case 'place':
      return named(r.place)
    case 'line':
      return words(r.line_title, r.line ?? '')
    case 'owner':
    case 'responsible_unit':
      return named(r.responsible_unit)
    case 'desk':
      return named(r.desk)
    case 'state':
      return words(r.state_title, r.state)
    case 'level':
      return words(r.level_title, r.level ?? '')
    case 'created_at':
    case 'closed_at':
      return minuteOf(r[column.name])
    default:
      return textOf((r as unknown as Record<string, unknown>)[column.name] ?? r.fields?.[column.name])
  }
}

export function isDay(column: Column): boolean {
  return column.name === 'due' && (!column.schema || sortOf(column.schema) === 'date')
}

/** What a record is called where there is room for one line. */
export function callOf(r: RecordNow, kindTitle: (kind: string) => string): string {
  return r.title || r.number || kindTitle(r.kind)
}
