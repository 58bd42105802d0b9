/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stores/kinds.ts - the definitions in force, asked once a session: everything generated
 * on the pages is generated from these.
 */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { allKinds, oneKind } from '../api/kinds'
import type { Kind, Schema, ShowEntry, StepEntry } from '../api/types'
import { words } from '../base/i18n'
import { holds } from '../base/logic'
import { titleIn, type Fields } from '../base/value'

/** How many fields of other kinds name records of this one. */
function namedBy(all: Kind[], name: string): number {
  const mark = new RegExp(`^record:(.*\\|)?${name}(\\||$)`)
  const fields = all.filter((k) => k.kind !== name).flatMap((k) => Object.values(k.fields?.properties ?? {}))
  return fields.filter((f) => mark.test((f.items ?? f)['x-field'] ?? '')).length
}

/* What the others hang on is used most and stands first. */
function byUse(all: Kind[]): Kind[] {
  const weight = new Map(all.map((k) => [k.kind, namedBy(all, k.kind)]))
  return [...all].sort((a, b) => (weight.get(b.kind) ?? 0) - (weight.get(a.kind) ?? 0))
}

export const useKinds = defineStore('kinds', () => {
  const kinds = shallowRef<Kind[]>([])
  let asking: Promise<void> | null = null

  const creatable = computed(() => kinds.value.filter((k) => k.can_create === true))

  function load(): Promise<void> {
    asking ??= allKinds().then(
      (found) => {
        kinds.value = byUse(found)
      },
      (cause: unknown) => {
        asking = null
        throw cause
      },
    )
    return asking
  }

  function forget(): void {
    kinds.value = []
    asking = null
  }

  /** A definition by its name; asked singly when the list gave it without its fields. */
  async function need(name: string): Promise<Kind> {
    await load()
    const listed = kinds.value.find((k) => k.kind === name)
    if (listed?.fields?.properties && listed.states) return listed
    const found = await oneKind(name)
    const full: Kind = { ...listed, ...found }
    kinds.value = kinds.value.some((k) => k.kind === name)
      ? kinds.value.map((k) => (k.kind === name ? full : k))
      : [...kinds.value, full]
    return full
  }

  function titleOf(name: string): string {
    return words(kinds.value.find((k) => k.kind === name)?.title, name)
  }

  return { kinds, creatable, load, forget, need, titleOf }
})

/** The `show` entries of a kind for one place on the page. */
export function shownAt(kind: Kind, to: string): ShowEntry[] {
  return (kind.show ?? []).filter((entry) => entry.to === to)
}

export function propertyOf(kind: Kind, field: string): Schema | undefined {
  return kind.fields.properties?.[field]
}

/** A field the server works out; nobody types it. */
export function isComputed(schema: Schema): boolean {
  return schema.readOnly === true || schema['x-value'] !== undefined
}

/* A print entry that is called a ledger lies over many records, not over one. */
const OF_MANY = /台账|名册/

/** The papers that apply to one record, each with its place among the kind's print entries. */
export function papersOf(kind: Kind, fields: Fields): { n: number; entry: ShowEntry }[] {
  return shownAt(kind, 'print')
    .map((entry, n) => ({ n, entry }))
    .filter(({ entry }) => !OF_MANY.test(titleIn(entry.title, 'zh-CN')) && holds(entry.if, fields))
}

/** The print entry that gives the ledger on paper its title and columns, where there is one. */
export function ledgerPaperOf(kind: Kind): ShowEntry | undefined {
  return shownAt(kind, 'print').find((entry) => OF_MANY.test(titleIn(entry.title, 'zh-CN')))
}

/** The step by which people make a record: of those that come from no state, the one with a form. */
export function creatingStep(kind: Kind): StepEntry | undefined {
  const making = kind.steps.filter((s) => Array.isArray(s.from) && s.from.length === 0)
  return making.find((s) => s.fields) ?? making[0]
}
