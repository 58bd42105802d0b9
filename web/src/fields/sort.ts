/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields/sort.ts - which sort of field a schema asks for, and its value as plain words.
 *
 * Knows: JSON Schema's types and Zhiben's field marks.
 * Does not know: any field by name.
 */
import { namedSort } from '../api/choices'
import type { Names, Schema } from '../api/types'
import { i18n, words } from '../base/i18n'
import { minuteOf } from '../base/time'
import { isBlank, isObject, textOf } from '../base/value'

export type Sort =
  | 'text'
  | 'number'
  | 'decimal'
  | 'date'
  | 'instant'
  | 'choice'
  | 'choices'
  | 'flag'
  | 'pick'
  | 'picks'
  | 'files'
  | 'rows'
  | 'group'
  | 'texts'
  | 'raw'

const PLAIN_MARKS = new Set(['', 'decimal', 'money', 'duration'])

export function typeOf(schema: Schema): string {
  const type = Array.isArray(schema.type) ? schema.type.find((t) => t !== 'null') : schema.type
  if (type) return type
  if (schema.properties) return 'object'
  if (schema.items) return 'array'
  return 'string'
}

function sortOfItems(items: Schema): Sort {
  const mark = namedSort(items)
  if (mark === 'file') return 'files'
  if (!PLAIN_MARKS.has(mark)) return 'picks'
  if (items.enum) return 'choices'
  const type = typeOf(items)
  if (type === 'object') return items.properties ? 'rows' : 'raw'
  return type === 'string' ? 'texts' : 'raw'
}

export function sortOf(schema: Schema): Sort {
  const type = typeOf(schema)
  const mark = namedSort(schema)
  if (type === 'array') return schema.items ? sortOfItems(schema.items) : 'raw'
  if (type === 'object') return schema.properties && PLAIN_MARKS.has(mark) ? 'group' : 'raw'
  if (mark === 'file') return 'files'
  if (mark === 'decimal' || mark === 'money') return 'decimal'
  if (!PLAIN_MARKS.has(mark)) return 'pick'
  if (schema.enum) return 'choice'
  if (type === 'boolean') return 'flag'
  if (type === 'integer' || type === 'number') return 'number'
  if (schema.format === 'date') return 'date'
  if (schema.format === 'date-time') return 'instant'
  return 'text'
}

/* A text that may be longer than this is written in several lines. */
const ONE_LINE = 200

export function isLong(schema: Schema): boolean {
  return sortOf(schema) === 'text' && (schema.maxLength ?? 0) > ONE_LINE
}

/** Fields that take a whole line of a form. */
export function isWide(schema: Schema): boolean {
  return isLong(schema) || ['rows', 'group', 'texts', 'raw', 'choices'].includes(sortOf(schema))
}

export function choiceTitle(schema: Schema, value: unknown): string {
  const plain = textOf(value)
  return words(schema['x-titles']?.[plain], plain)
}

function oneWord(schema: Schema, value: unknown, names: Names): string {
  const t = i18n.global.t
  if (isBlank(value) && typeof value !== 'boolean') return ''
  if (typeof value === 'boolean') return value ? t('yes') : t('no')
  switch (sortOf(schema)) {
    case 'choice':
      return choiceTitle(schema, value)
    case 'pick':
      return names[textOf(value)] ?? t('field.unseen')
    case 'instant':
      return minuteOf(textOf(value))
    case 'decimal':
      return namedSort(schema) === 'money' ? `¥ ${textOf(value)}` : textOf(value)
    default:
      return names[textOf(value)] ?? textOf(value)
  }
}

/** A value as plain words, for a cell, a card or a paper. */
export function plainWords(schema: Schema, value: unknown, names: Names = {}): string {
  const t = i18n.global.t
  if (isBlank(value) && typeof value !== 'boolean') return ''
  if (Array.isArray(value)) {
    const items = schema.items ?? {}
    const sort = sortOf(schema)
    if (sort === 'files' || sort === 'rows') return t('field.count', { n: value.length })
    return value.map((v: unknown) => oneWord(items, v, names)).join(t('field.comma'))
  }
  if (isObject(value)) {
    return Object.entries(value)
      .map(([name, v]) => {
        const inner = schema.properties?.[name] ?? {}
        return `${words(inner.title, name)} ${plainWords(inner, v, names)}`
      })
      .join(t('field.comma'))
  }
  if (sortOf(schema) === 'files') return t('field.count', { n: 1 })
  return oneWord(schema, value, names)
}
