/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/draft.ts - what a person has typed and not yet sent, kept on this device per account.
 */
import { isObject, type Fields } from './value'

export interface Draft {
  at: string
  place: string
  fields: Fields
  /** What the ids among the fields are called, so that a draft shows no bare id. */
  names: Record<string, string>
}

function nameOf(account: string, form: string): string {
  return `zhiben.draft.${account}.${form}`
}

export function keepDraft(account: string, form: string, kept: Omit<Draft, 'at'>): void {
  try {
    const draft: Draft = { at: new Date().toISOString(), ...kept }
    localStorage.setItem(nameOf(account, form), JSON.stringify(draft))
  } catch {
    /* The device's store is full or closed; the form itself still holds everything. */
  }
}

export function keptDraft(account: string, form: string): Draft | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(nameOf(account, form)) ?? 'null')
    if (!isObject(found) || !isObject(found.fields)) return null
    const names: Record<string, string> = {}
    for (const [id, name] of Object.entries(isObject(found.names) ? found.names : {})) {
      if (typeof name === 'string') names[id] = name
    }
    return {
      names,
      at: typeof found.at === 'string' ? found.at : '',
      place: typeof found.place === 'string' ? found.place : '',
      fields: found.fields,
    }
  } catch {
    return null
  }
}

export function dropDraft(account: string, form: string): void {
  localStorage.removeItem(nameOf(account, form))
}
