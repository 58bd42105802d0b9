/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields/validate.ts - what the page can already tell while one types. The server judges again.
 */
import type { Schema } from '../api/types'
import { i18n } from '../base/i18n'
import { isBlank, isObject, type Fields, type Refusal } from '../base/value'
import { typeOf } from './sort'

function say(pointer: string, key: string, n?: number): Refusal {
  return { pointer, detail: i18n.global.t(`invalid.${key}`, { n: n ?? 0 }) }
}

/** Whether a value obeys the small schemas that stand in `if`; an absent member obeys. */
function obeys(schema: Schema, value: unknown): boolean {
  if (schema.const !== undefined && value !== schema.const) return false
  if (schema.enum && !schema.enum.includes(value)) return false
  if (isObject(value)) {
    for (const name of schema.required ?? []) {
      if (isBlank(value[name])) return false
    }
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      if (value[name] !== undefined && !obeys(inner, value[name])) return false
    }
  }
  return true
}

/** The members that must be given, with what `if` adds for the values there are. */
export function requiredNow(schema: Schema, fields: Fields): Set<string> {
  const names = new Set(schema.required ?? [])
  const branch = schema.if ? (obeys(schema.if, fields) ? schema.then : schema.else) : undefined
  if (branch) for (const name of requiredNow(branch, fields)) names.add(name)
  return names
}

/* All that some branch of `if` may ask for. */
function requiredEver(schema: Schema | undefined): string[] {
  if (!schema) return []
  return [...(schema.required ?? []), ...requiredEver(schema.then), ...requiredEver(schema.else)]
}

/** The members that only other values would ask for: they are folded until then. */
export function idleNow(schema: Schema, fields: Fields): Set<string> {
  const must = requiredNow(schema, fields)
  return new Set(requiredEver(schema).filter((name) => !must.has(name) && isBlank(fields[name])))
}

function checkText(schema: Schema, text: string, at: string): Refusal[] {
  const length = [...text].length
  if (schema.minLength !== undefined && length < schema.minLength) {
    return [say(at, 'short', schema.minLength)]
  }
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    return [say(at, 'long', schema.maxLength)]
  }
  const mark = schema['x-field']
  if ((mark === 'decimal' || mark === 'money') && !/^-?\d+(\.\d+)?$/.test(text)) {
    return [say(at, 'decimal')]
  }
  if (schema.pattern && !new RegExp(schema.pattern, 'u').test(text)) return [say(at, 'pattern')]
  return []
}

function checkNumber(schema: Schema, n: number, at: string): Refusal[] {
  if (Number.isNaN(n)) return [say(at, 'number')]
  if (typeOf(schema) === 'integer' && !Number.isInteger(n)) return [say(at, 'integer')]
  if (schema.minimum !== undefined && n < schema.minimum) return [say(at, 'small', schema.minimum)]
  if (schema.maximum !== undefined && n > schema.maximum) return [say(at, 'large', schema.maximum)]
  return []
}

export function check(schema: Schema, value: unknown, at = ''): Refusal[] {
  if (isBlank(value)) return []
  if (typeof value === 'string') return checkText(schema, value, at)
  if (typeof value === 'number') return checkNumber(schema, value, at)
  if (Array.isArray(value)) {
    const out: Refusal[] = []
    if (schema.minItems !== undefined && value.length < schema.minItems) {
      out.push(say(at, 'few', schema.minItems))
    }
    if (schema.maxItems !== undefined && value.length > schema.maxItems) {
      out.push(say(at, 'many', schema.maxItems))
    }
    const items = schema.items
    if (items) value.forEach((v: unknown, i) => out.push(...check(items, v, `${at}/${i}`)))
    return out
  }
  if (isObject(value)) return checkMembers(schema, value, at)
  return []
}

/** What must be given and is not. */
export function missingOf(names: Iterable<string>, fields: Fields, at = ''): Refusal[] {
  const gone = [...names].filter((name) => isBlank(fields[name]) && typeof fields[name] !== 'boolean')
  return gone.map((name) => say(`${at}/${name}`, 'missing'))
}

/** Checks an object's members, the missing ones included. */
export function checkMembers(schema: Schema, fields: Fields, at = ''): Refusal[] {
  const out = missingOf(requiredNow(schema, fields), fields, at)
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    out.push(...check(inner, fields[name], `${at}/${name}`))
  }
  return out
}
