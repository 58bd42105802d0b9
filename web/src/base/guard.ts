/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/guard.ts - what a step's condition says about the fields of its form, as they stand now.
 *
 * A condition is mostly an `and` of demands: a field that must be there, a field that must be there
 * if something holds, a field that must not. Read so, a form shows what is asked now, folds what
 * only another answer would ask for, and hides what the condition forbids.
 *
 * Knows: the shapes in which a condition demands a field.
 * Does not know: any field by name; what it cannot read it leaves alone.
 */
import { judge, operationOf, pathsOf } from './logic'
import type { Fields } from './value'

export interface Told {
  /** Demanded as things stand. */
  must: Set<string>
  /** Demanded only under another answer. */
  idle: Set<string>
  /** Refused as things stand. */
  not: Set<string>
  /** By the name of a list: what none of its rows may give as things stand. */
  rows: Map<string, Set<string>>
}

/* Whether the part of the condition being read applies: yes, no, or not known. */
type Live = boolean | undefined

class Reading {
  readonly demanded = new Map<string, Set<Live>>()
  readonly refused = new Set<string>()
  readonly rows = new Map<string, Set<string>>()

  constructor(
    readonly fields: Fields,
    readonly names: Set<string>,
  ) {}

  demand(name: unknown, live: Live): void {
    if (typeof name !== 'string' || !this.names.has(name)) return
    const seen = this.demanded.get(name) ?? new Set<Live>()
    this.demanded.set(name, seen.add(live))
  }

  read(condition: unknown, live: Live): void {
    const found = operationOf(condition)
    if (!found) return
    const { op, args } = found
    if (op === 'and') args.forEach((x) => this.read(x, live))
    else if (op === 'or') this.readOr(args, live)
    else if (op === 'if' || op === '?:') this.readIf(args, live)
    else if (op === 'var') this.demand(args[0], live)
    else if (op === '!!') this.read(args[0], live)
    else if (op === '!') this.readNot(args[0], live)
    else if (op === 'none' && live === true) this.readNone(args)
  }

  /* None of the rows of a list gives this member. */
  private readNone(args: unknown[]): void {
    const [list, member] = args.map((x) => operationOf(x)).map((x) => (x?.op === 'var' ? x.args[0] : undefined))
    if (typeof list !== 'string' || typeof member !== 'string' || !this.names.has(list)) return
    this.rows.set(list, (this.rows.get(list) ?? new Set()).add(member))
  }

  private readNot(inner: unknown, live: Live): void {
    const found = operationOf(inner)
    if (found?.op === 'missing') found.args.flat().forEach((name) => this.demand(name, live))
    const [name] = found?.op === 'var' ? found.args : []
    if (typeof name === 'string' && live === true && this.names.has(name)) this.refused.add(name)
  }

  /* Where all others fail, the one that is left must hold. */
  private readOr(args: unknown[], live: Live): void {
    const verdicts = args.map((x) => judge(x, this.fields, this.names))
    args.forEach((x, i) => {
      const others = verdicts.filter((_v, k) => k !== i)
      if (live === true && others.every((v) => v === false)) this.read(x, true)
    })
  }

  private readIf(args: unknown[], live: Live): void {
    let reach = live
    for (let i = 0; i + 1 < args.length; i += 2) {
      const verdict = reach === false ? false : judge(args[i], this.fields, this.names)
      this.read(args[i + 1], verdict === false ? false : verdict === true ? reach : undefined)
      if (verdict === true) reach = false
      else if (verdict === undefined && reach !== false) reach = undefined
    }
    if (args.length % 2) this.read(args[args.length - 1], reach)
  }
}

export function tell(condition: unknown, fields: Fields, names: Set<string>): Told {
  const reading = new Reading(fields, names)
  reading.read(condition, true)
  const told: Told = { must: new Set(), idle: new Set(), not: reading.refused, rows: reading.rows }
  for (const [name, lives] of reading.demanded) {
    if (lives.has(true)) told.must.add(name)
    else if (!lives.has(undefined)) told.idle.add(name)
  }
  return told
}

/**
 * Those of a field's values that somebody may enter: `may` are the conditions of the alternatives
 * open to him, of which one must hold. Undefined where they say nothing about the field.
 */
export function valuesFor(
  name: string,
  values: unknown[],
  may: { if?: unknown }[],
  fields: Fields,
  names: Set<string>,
): unknown[] | undefined {
  if (!may.some((m) => pathsOf(m.if).includes(name))) return undefined
  return values.filter((v) => may.some((m) => judge(m.if, { ...fields, [name]: v }, names) !== false))
}
