/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/evaluate.ts - JSONLogic as the server evaluates it (src/kind/eval.c, value.c, operate.c):
 * exact decimals, and null where nothing can be computed. Both read the same cases in test/cases.
 *
 * Knows: the operators of definitions.
 * Does not know: fields and their types: a text that a definition calls a decimal is a text here.
 */
import {
  add, compare, decimalOf, decimalText, decimalValue, divide, modulo, multiply, readDecimal, subtract, type Decimal,
} from './decimal'
import { isObject, type Fields } from './value'

/** A value; `exact` where it was computed, so that its text is a number. */
interface Known {
  v: unknown
  exact: boolean
}

interface Scope {
  item: unknown
  sum?: Known
}

type Operator = (args: Args) => Known

const known = (v: unknown, exact = false): Known => ({ v: v === undefined ? null : v, exact })
const NULL = known(null)

/* ---- what one value is ---- */

function textIn(v: unknown, inside: boolean): string {
  if (v === null) return inside ? '' : 'null'
  if (typeof v === 'number') {
    const d = decimalOf(v)
    return d ? decimalText(d) : String(v)
  }
  if (Array.isArray(v)) return v.map((x: unknown) => textIn(x, true)).join(',')
  return typeof v === 'object' ? '[object Object]' : String(v)
}
const text = (v: unknown): string => textIn(v, false)

/* Texts of numbers that are not written as standards write them: ".5", "5.", "+5", "1e3". */
function readLoose(s: string): Decimal | null {
  return /^[\d+\-.eE]*\d[\d+\-.eE]*$/.test(s) ? decimalOf(Number(s)) : null
}

function readText(s: string): Decimal | null {
  const trimmed = s.replace(/^[ \t\r\n\f\v]+|[ \t\r\n\f\v]+$/g, '')
  if (!trimmed) return { units: 0n, places: 0 }
  return readDecimal(s) ?? (trimmed.length > 64 ? null : readDecimal(trimmed) ?? readLoose(trimmed))
}

/* As JavaScript makes a number of anything to compare it. */
function number(v: unknown): Decimal | null {
  if (v === null || typeof v === 'boolean') return { units: v ? 1n : 0n, places: 0 }
  if (typeof v === 'number') return decimalOf(v)
  if (typeof v === 'string') return readText(v)
  return Array.isArray(v) ? readText(text(v)) : null
}

/* What is calculated with: numbers and texts of numbers alone. */
function operand(v: unknown): Decimal | null {
  if (typeof v === 'number') return decimalOf(v)
  return typeof v === 'string' ? readDecimal(v) ?? readLoose(v) : null
}

function isTrue({ v, exact }: Known): boolean {
  if (Array.isArray(v)) return v.length > 0
  const d = exact && typeof v === 'string' ? readDecimal(v) : null
  return d ? d.units !== 0n : Boolean(v)
}

export function truthy(v: unknown): boolean {
  return isTrue(known(v))
}

function alike(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => alike(x, b[i]))
  if (!isObject(a) || !isObject(b)) return a === b
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => name in b && alike(a[name], b[name]))
}

const isCompound = (v: unknown): boolean => typeof v === 'object' && v !== null
const isNumber = ({ v, exact }: Known): boolean => typeof v === 'number' || (exact && typeof v === 'string')

function same(x: Known, y: Known): boolean {
  const [m, n] = isNumber(x) && isNumber(y) ? [operand(x.v), operand(y.v)] : []
  return m && n ? compare(m, n) === 0 : alike(x.v, y.v)
}

function equal(x: Known, y: Known): boolean {
  if (x.v === null || y.v === null) return x.v === y.v
  if (isCompound(x.v) && isCompound(y.v)) return alike(x.v, y.v)
  const texts = typeof x.v === 'string' && typeof y.v === 'string'
  if (texts && !x.exact && !y.exact) return x.v === y.v
  if ((typeof x.v === 'string' && isCompound(y.v)) || (typeof y.v === 'string' && isCompound(x.v))) {
    return text(x.v) === text(y.v)
  }
  const [m, n] = [number(x.v), number(y.v)]
  return m && n ? compare(m, n) === 0 : alike(x.v, y.v)
}

/* By code points, as the server's bytes in UTF-8 go. */
function orderOfTexts(a: string, b: string): number {
  const [x, y] = [[...a], [...b]]
  for (let i = 0; i < x.length && i < y.length; i++) {
    const d = (x[i]?.codePointAt(0) ?? 0) - (y[i]?.codePointAt(0) ?? 0)
    if (d) return Math.sign(d)
  }
  return Math.sign(x.length - y.length)
}

/* Undefined where two values have no order. */
function order(x: Known, y: Known): number | undefined {
  const isText = (k: Known) => isCompound(k.v) || (typeof k.v === 'string' && !k.exact)
  if (isText(x) && isText(y)) return orderOfTexts(text(x.v), text(y.v))
  const [m, n] = [number(x.v), number(y.v)]
  return m && n ? compare(m, n) : undefined
}

/* ---- paths ---- */

function walk(at: unknown, path: string): unknown {
  for (const name of path ? path.split('.') : []) {
    if (Array.isArray(at)) at = /^\d{1,7}$/.test(name) ? at[Number(name)] : undefined
    else at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }
  return at
}

function read(scope: Scope, path: string): Known {
  if (!scope.sum) return known(walk(scope.item, path))
  if (path === 'accumulator') return scope.sum
  const [first, ...rest] = path.split('.')
  if (first === 'accumulator') return known(walk(scope.sum.v, rest.join('.')))
  return first === 'current' ? known(walk(scope.item, rest.join('.'))) : NULL
}

/* ---- arguments ---- */

class Args {
  readonly list: unknown[]

  constructor(args: unknown, readonly scope: Scope) {
    this.list = Array.isArray(args) ? args : [args]
  }
  get n(): number {
    return this.list.length
  }
  at(i: number, scope = this.scope): Known {
    return i < this.n ? evaluate(this.list[i], scope) : NULL
  }
  items(): unknown[] {
    const { v } = this.at(0)
    return Array.isArray(v) ? v : []
  }
  /** The items for which the second argument is true. */
  *kept(): Generator<unknown> {
    for (const item of this.items()) if (isTrue(this.at(1, { item }))) yield item
  }
}

function inRow(a: Args, holds: (x: Known, y: Known) => boolean, most = Infinity): Known {
  let x = a.at(0)
  for (let i = 1; i < Math.max(2, Math.min(a.n, most)); i++) {
    const y = a.at(i)
    if (!holds(x, y)) return known(false)
    x = y
  }
  return known(true)
}

function ordered(a: Args, holds: (order: number) => boolean): Known {
  return inRow(a, (x, y) => {
    const found = order(x, y)
    return found !== undefined && holds(found)
  }, 3)
}

type Combine = (a: Decimal, b: Decimal) => Decimal | null

function combined(a: Args, by: Combine): Known {
  let sum = operand(a.at(0).v)
  for (let i = 1; i < a.n && sum; i++) {
    const next = operand(a.at(i).v)
    sum = next && by(sum, next)
  }
  return sum ? known(decimalValue(sum), true) : NULL
}

/* One number alone is what `of` makes of it and the number: 0 - x, 1 / x. */
function combinedFrom(a: Args, of: bigint, by: Combine): Known {
  if (a.n !== 1) return combined(a, by)
  const x = operand(a.at(0).v)
  const made = x && by({ units: of, places: 0 }, x)
  return made ? known(decimalValue(made), true) : NULL
}

/* The first argument whose truth is `stop`, else the last; false of none. */
function firstThat(a: Args, stop: boolean): Known {
  let value = known(false)
  for (let i = 0; i < a.n; i++) {
    value = a.at(i)
    if (isTrue(value) === stop) break
  }
  return value
}

function gone(a: Args, names: unknown[]): unknown[] {
  return names.filter((name) => {
    const { v } = read(a.scope, text(name))
    return v === null || v === ''
  })
}

function branch(a: Args): Known {
  let i = 0
  for (; i + 1 < a.n; i += 2) if (isTrue(a.at(i))) return a.at(i + 1)
  return a.at(i)
}

function whole(v: unknown): number {
  return Number.isSafeInteger(v) ? Math.max(-(2 ** 20), Math.min(2 ** 20, v as number)) : 0
}

/* Counted in code points. A negative start counts from the end, a negative length leaves that many. */
function substr(a: Args): Known {
  const points = [...text(a.at(0).v)]
  const clamp = (n: number, most: number) => Math.max(0, Math.min(n, most))
  const from = a.n > 1 ? whole(a.at(1).v) : 0
  const start = clamp(from < 0 ? points.length + from : from, points.length)
  const left = points.length - start
  const take = a.n > 2 ? whole(a.at(2).v) : left
  return known(points.slice(start, start + clamp(take < 0 ? left + take : take, left)).join(''))
}

function within(a: Args): Known {
  const [x, { v: where }] = [a.at(0), a.at(1)]
  if (typeof where === 'string') return known(where.includes(text(x.v)))
  return known(Array.isArray(where) && where.some((item: unknown) => same(x, known(item, x.exact))))
}

const OPERATORS: Record<string, Operator> = {
  var: (a) => {
    const { v } = a.at(0)
    const value = read(a.scope, v === null ? '' : text(v))
    return value.v === null && a.n > 1 ? a.at(1) : value
  },
  missing: (a) => {
    const { v: first } = a.at(0)
    return known(gone(a, Array.isArray(first) ? first : a.list.map((_, i) => a.at(i).v)))
  },
  missing_some: (a) => {
    const [{ v: need }, { v: names }] = [a.at(0), a.at(1)]
    if (!Array.isArray(names)) return known([])
    const absent = gone(a, names)
    return known(names.length - absent.length >= (Number.isInteger(need) ? (need as number) : 1) ? [] : absent)
  },
  if: branch,
  '?:': branch,
  '==': (a) => inRow(a, equal),
  '!=': (a) => inRow(a, (x, y) => !equal(x, y)),
  '===': (a) => inRow(a, same),
  '!==': (a) => inRow(a, (x, y) => !same(x, y)),
  '!': (a) => known(!isTrue(a.at(0))),
  '!!': (a) => known(isTrue(a.at(0))),
  or: (a) => firstThat(a, true),
  and: (a) => firstThat(a, false),
  '>': (a) => ordered(a, (o) => o > 0),
  '>=': (a) => ordered(a, (o) => o >= 0),
  '<': (a) => ordered(a, (o) => o < 0),
  '<=': (a) => ordered(a, (o) => o <= 0),
  max: (a) => combined(a, (x, y) => (compare(x, y) >= 0 ? x : y)),
  min: (a) => combined(a, (x, y) => (compare(x, y) <= 0 ? x : y)),
  '+': (a) => (a.n ? combined(a, add) : known(0, true)),
  '*': (a) => (a.n ? combined(a, multiply) : known(1, true)),
  '-': (a) => combinedFrom(a, 0n, subtract),
  '/': (a) => combinedFrom(a, 1n, divide),
  '%': (a) => (a.n < 2 ? NULL : combined(a, modulo)),
  map: (a) => known(a.items().map((item) => a.at(1, { item }).v)),
  filter: (a) => known([...a.kept()]),
  reduce: (a) => a.items().reduce((sum: Known, item) => a.at(1, { item, sum }), a.at(2)),
  all: (a) => known(a.items().length > 0 && [...a.kept()].length === a.items().length),
  some: (a) => known(!a.kept().next().done),
  none: (a) => known(Boolean(a.kept().next().done)),
  merge: (a) => known(a.list.flatMap((_, i) => a.at(i).v)),
  in: within,
  cat: (a) => known(a.list.map((_, i) => a.at(i).v).filter((v) => v !== null).map(text).join('')),
  substr,
  log: () => NULL,
}

function evaluate(x: unknown, scope: Scope): Known {
  if (Array.isArray(x)) return known(x.map((one: unknown) => evaluate(one, scope).v))
  if (!isObject(x)) return known(x)
  const [entry, ...others] = Object.entries(x)
  const operator = entry && !others.length && Object.hasOwn(OPERATORS, entry[0]) ? OPERATORS[entry[0]] : undefined
  return operator && entry ? operator(new Args(entry[1], scope)) : known(x)
}

/** What an expression comes to over a record. */
export function apply(expression: unknown, record: Fields | unknown): unknown {
  return evaluate(expression, { item: record }).v
}
