/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/logic.ts - conditions of definitions, read by the page for a preview only.
 *
 * Knows: which of a condition's paths the page can read.
 * Does not know: who asks, linked records, totals: a condition that needs them is left open.
 *
 * The server decides; a condition that the page cannot read hides nothing.
 */
import { apply, truthy } from './evaluate'
import { daysBetween, isBareDay, today } from './time'
import { isObject, type Fields } from './value'

/** True, false, or undefined where the page cannot tell. */
export type Verdict = boolean | undefined

/** The fields with what a condition may read beside them. */
function surroundings(fields: Fields): Fields {
  const days: Fields = {}
  for (const [name, v] of Object.entries(fields)) {
    if (typeof v === 'string' && isBareDay(v)) days[name] = daysBetween(today(), v)
  }
  return { today: today(), ...fields, days }
}

export function holds(condition: unknown, fields: Fields): boolean {
  if (condition === undefined || condition === null) return true
  return truthy(apply(condition, surroundings(fields)))
}

/** The one operator of an expression and its arguments; null for a literal. */
export function operationOf(logic: unknown): { op: string; args: unknown[] } | null {
  if (!isObject(logic)) return null
  const [entry, ...others] = Object.entries(logic)
  if (!entry || others.length) return null
  return { op: entry[0], args: Array.isArray(entry[1]) ? entry[1] : [entry[1]] }
}

/* The second argument of these reads the items of the first, not the record. */
const OVER_ITEMS = new Set(['map', 'filter', 'reduce', 'all', 'some', 'none'])

/** The paths of the record that an expression reads; null among them: one it works out. */
export function pathsOf(logic: unknown): (string | null)[] {
  const found = operationOf(logic)
  if (!found) return Array.isArray(logic) ? logic.flatMap(pathsOf) : []
  const { op, args } = found
  if (op === 'var') return [typeof args[0] === 'string' ? args[0] : null, ...args.slice(1).flatMap(pathsOf)]
  if (op === 'missing') {
    return args.flat().map((name) => (typeof name === 'string' ? name : null))
  }
  if (op === 'missing_some') return [null]
  if (OVER_ITEMS.has(op)) return [...pathsOf(args[0]), ...pathsOf(args[2])]
  return args.flatMap(pathsOf)
}

/* An id leads on to what it names only at the server: `lead.certified` is not known here. */
function isKnown(path: string | null, fields: Fields, names: Set<string>): boolean {
  if (path === null) return false
  if (path === 'today' || names.has(path)) return true
  const [first = '', second] = path.split('.')
  if (first === 'days') return second !== undefined && names.has(second)
  return second !== undefined && names.has(first) && isObject(fields[first])
}

/**
 * What a condition comes to over the fields of a form. `names` are the fields the page knows,
 * whether or not they are given; all else is left open.
 */
export function judge(condition: unknown, fields: Fields, names: Set<string>): Verdict {
  if (condition === undefined || condition === null) return true
  const found = operationOf(condition)
  if (!found) return truthy(condition)
  const { op, args } = found
  const part = (x: unknown): Verdict => judge(x, fields, names)
  if (op === 'and' || op === 'or') {
    const verdicts = args.map(part)
    const ending = op === 'or'
    if (verdicts.includes(ending)) return ending
    return verdicts.includes(undefined) ? undefined : !ending
  }
  if (op === '!' || op === '!!') {
    const verdict = part(args[0])
    return verdict === undefined ? undefined : op === '!!' ? verdict : !verdict
  }
  if (op === 'if' || op === '?:') {
    for (let i = 0; i + 1 < args.length; i += 2) {
      const verdict = part(args[i])
      if (verdict === undefined) return undefined
      if (verdict) return part(args[i + 1])
    }
    return args.length % 2 ? part(args[args.length - 1]) : false
  }
  return pathsOf(condition).every((p) => isKnown(p, fields, names)) ? holds(condition, fields) : undefined
}
