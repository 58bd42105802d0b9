/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts/sections.ts - how the asked fields lie in sections: by the definition's `show` entries
 * for a form, what they leave out at the end.
 */
import type { Kind, Schema, ShowEntry } from '../api/types'
import { i18n, words } from '../base/i18n'
import { holds } from '../base/logic'
import type { Fields } from '../base/value'
import { requiredNow } from '../fields/validate'
import { creatingStep, isComputed, shownAt } from '../stores/kinds'

export interface FieldSection {
  title: string
  fields: string[]
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

export function sectionsOf(kind: Kind | null, schema: Schema, fields: Fields): FieldSection[] {
  const left = new Set(Object.keys(schema.properties ?? {}))
  const must = requiredNow(schema, fields)
  const out: FieldSection[] = []
  const entries = kind ? shownAt(kind, 'form') : []
  const open = entries.filter((entry) => holds(entry.if, fields))
  const homes = homesOf(open, left)
  for (const entry of entries) {
    const at = open.indexOf(entry)
    const mine = (entry.fields ?? []).filter(
      (name) => left.has(name) && (at < 0 ? !homes.has(name) : homes.get(name) === at),
    )
    /* Where a section's condition fails, only what must be given all the same stays in sight. */
    const seen = holds(entry.if, fields) ? mine : mine.filter((name) => must.has(name))
    mine.forEach((name) => left.delete(name))
    if (seen.length) out.push({ title: words(entry.title), fields: seen })
  }
  if (left.size) {
    out.push({ title: out.length ? i18n.global.t('form.other') : '', fields: [...left] })
  }
  return out
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
