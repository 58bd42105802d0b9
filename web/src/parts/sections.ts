/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts/sections.ts - how the asked fields lie in sections: by the definition's `show` entries
 * for a form, what they leave out at the end.
 */
import type { Kind, Schema, ShowEntry } from '../api/types'
import { tell, valuesFor } from '../base/guard'
import { i18n, words } from '../base/i18n'
import { holds } from '../base/logic'
import { isBlank, type Fields } from '../base/value'
import { idleNow, requiredNow } from '../fields/validate'
import { creatingStep, isComputed, shownAt } from '../stores/kinds'

export interface FieldSection {
  title: string
  fields: string[]
  /** Those among them that nothing asks for now. */
  folded: string[]
}

/** A field that several entries show stands in the one that has most of the others with it. */
export function homesOf(entries: ShowEntry[], names: Set<string>): Map<string, number> {
  const size = entries.map((entry) => (entry.fields ?? []).filter((n) => names.has(n)).length)
  const homes = new Map<string, number>()
  for (const [i, entry] of entries.entries()) {
    for (const name of entry.fields ?? []) {
      const now = homes.get(name)
      if (now === undefined || (size[i] ?? 0) > (size[now] ?? 0)) homes.set(name, i)
    }
  }
  return homes
}

/* Neighbours of one title are one section: so an entry's `if` folds some of its fields alone. */
function joined(sections: FieldSection[]): FieldSection[] {
  const out: FieldSection[] = []
  for (const s of sections) {
    const same = out.find((x) => x.title === s.title)
    if (same) {
      same.fields.push(...s.fields)
      same.folded.push(...s.folded)
    } else {
      out.push(s)
    }
  }
  return out
}

/**
 * The asked fields in their sections. Folded are those whose section does not apply and those that
 * the step's condition asks for under another answer only; left out are those it refuses. What is
 * demanded or already given is always in sight.
 */
export function sectionsOf(
  kind: Kind | null,
  schema: Schema,
  fields: Fields,
  condition?: unknown,
): FieldSection[] {
  const left = new Set(Object.keys(schema.properties ?? {}))
  const told = tell(condition, fields, namesKnown(kind, schema))
  const must = new Set([...requiredNow(schema, fields), ...told.must])
  const idle = new Set([...told.idle, ...idleNow(schema, fields)])
  const given = (name: string): boolean => must.has(name) || !isBlank(fields[name])
    const out: FieldSection[] = []
  /* What a section names first is what it is about, and stands in sight where the section applies. */
  const add = (title: string, names: string[], applies: boolean): void => {
    names.forEach((name) => left.delete(name))
    const all = names.filter((name) => given(name) || !told.not.has(name))
    const folded = (name: string, i: number): boolean => !given(name) && (!applies || (i > 0 && idle.has(name)))
    out.push({ title, fields: all, folded: all.filter(folded) })
  }
  const entries = kind ? shownAt(kind, 'form') : []
  const open = entries.filter((entry) => holds(entry.if, fields))
  const homes = homesOf(open, left)
  for (const entry of entries) {
    const at = open.indexOf(entry)
    const mine = (entry.fields ?? []).filter(
      (name) => left.has(name) && (at < 0 ? !homes.has(name) : homes.get(name) === at),
    )
    if (mine.length) add(words(entry.title), mine, at >= 0)
  }
  if (left.size) add(out.length ? i18n.global.t('form.other') : '', [...left], true)
  return joined(out)
}

/** The fields a condition may be read over: those of the kind and of the form. */
export function namesKnown(kind: Kind | null, schema: Schema): Set<string> {
  return new Set([
    ...Object.keys(kind?.fields.properties ?? {}),
    ...Object.keys(schema.properties ?? {}),
    'state',
    'level',
  ])
}

/* Anything at all, to ask whether a field may be given. */
const GIVEN = 'given'

/** The schema of a form as one person may fill it: without what no role of his may enter. */
export function narrowed(schema: Schema, may: { if?: unknown }[] | undefined, fields: Fields, known: Set<string>): Schema {
  if (!may?.length) return schema
  const properties: Record<string, Schema> = { ...schema.properties }
  for (const [name, inner] of Object.entries(properties)) {
    const values = valuesFor(name, inner.enum ?? [GIVEN], may, fields, known)
    if (!inner.enum && values?.length === 0) delete properties[name]
    else if (inner.enum && values?.length) properties[name] = { ...inner, enum: values }
  }
  return { ...schema, properties }
}

/**
 * The schema of a form without what a step's condition lets nobody of this role give in the rows of a
 * list: a grid worker tells what he found and sets no deadline. Without a role nothing is left out.
 */
export function rowsNarrowed(
  schema: Schema,
  condition: unknown,
  fields: Fields,
  known: Set<string>,
  role: string | null,
): Schema {
  if (!role || !condition) return schema
  const { rows } = tell(condition, { ...fields, me: { role } }, new Set([...known, 'me']))
  const properties: Record<string, Schema> = { ...schema.properties }
  for (const [name, barred] of rows) {
    const list = properties[name]
    if (!list?.items?.properties) continue
    const kept = Object.entries(list.items.properties).filter(([member]) => !barred.has(member))
    properties[name] = { ...list, items: { ...list.items, properties: Object.fromEntries(kept) } }
  }
  return { ...schema, properties }
}

/** What the creating step asks, as one schema. */
export function creationSchema(kind: Kind): Schema {
  const step = creatingStep(kind)
  if (step?.fields?.properties) return step.fields
  const all = kind.fields.properties ?? {}
  const required = new Set(kind.fields.required ?? [])
  const properties: Record<string, Schema> = {}
  if (step?.ask) {
    for (const word of step.ask) {
      const name = word.replace(/!$/, '')
      if (word.endsWith('!')) required.add(name)
      if (all[name]) properties[name] = all[name]
    }
  } else {
    for (const [name, schema] of Object.entries(all)) {
      if (!isComputed(schema)) properties[name] = schema
    }
  }
  return {
    type: 'object',
    properties,
    required: [...required].filter((name) => properties[name] !== undefined),
    ...(kind.fields.if ? { if: kind.fields.if } : {}),
    ...(kind.fields.then ? { then: kind.fields.then } : {}),
    ...(kind.fields.else ? { else: kind.fields.else } : {}),
  }
}
