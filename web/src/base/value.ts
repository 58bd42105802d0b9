/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/value.ts - what travels: field values, titles in two languages, JSON pointers.
 *
 * Knows: shapes every answer shares.
 * Does not know: any kind, field or state by name.
 */

/** A set of named values as a record, a form or an event carries them. */
export type Fields = Record<string, unknown>

/** A title as the server gives it; a bare text is taken for both languages. */
export type Title = { zh?: string; en?: string } | string | null | undefined

/** One refused place of an input: a JSON pointer and a sentence. */
export interface Refusal {
  pointer: string
  detail: string
}

export function isObject(v: unknown): v is Fields {
  return typeof v === 'object' && v !== null && !Array.isArray(v)
}

export function textOf(v: unknown): string {
  if (v === null || v === undefined) return ''
  if (typeof v === 'string') return v
  if (typeof v === 'number' || typeof v === 'boolean') return String(v)
  return JSON.stringify(v)
}

export function isBlank(v: unknown): boolean {
  if (v === null || v === undefined || v === '') return true
  if (Array.isArray(v)) return v.length === 0
  if (isObject(v)) return Object.values(v).every(isBlank)
  return false
}

/** The words of a title in one language; the other language where it has none. */
export function titleIn(title: Title, locale: string, fallback = ''): string {
  if (!title) return fallback
  if (typeof title === 'string') {
    const bar = title.indexOf(' | ')
    if (bar < 0) return title
    return locale.startsWith('zh') ? title.slice(0, bar) : title.slice(bar + 3)
  }
  const zh = title.zh ?? ''
  const en = title.en ?? ''
  return (locale.startsWith('zh') ? zh || en : en || zh) || fallback
}

/** A copy without blank members, as a request carries it. */
export function filled(fields: Fields): Fields {
  const out: Fields = {}
  for (const [name, v] of Object.entries(fields)) {
    if (isBlank(v) && typeof v !== 'boolean') continue
    if (Array.isArray(v)) {
      out[name] = v
        .filter((item) => !isBlank(item))
        .map((item: unknown) => (isObject(item) ? filled(item) : item))
    } else {
      out[name] = isObject(v) ? filled(v) : v
    }
  }
  return out
}

export function copyOf(fields: Fields): Fields {
  return JSON.parse(JSON.stringify(fields)) as Fields
}

/** The parts of a JSON pointer, with a leading `fields` taken away. */
export function pointerParts(pointer: string): string[] {
  const parts = pointer
    .replace(/^#/, '')
    .split('/')
    .slice(1)
    .map((p) => p.replace(/~1/g, '/').replace(/~0/g, '~'))
  return parts[0] === 'fields' ? parts.slice(1) : parts
}

/** Refusals that lie at or below a member, their pointers made relative to it. */
export function refusalsBelow(list: Refusal[], member: string): Refusal[] {
  const out: Refusal[] = []
  for (const r of list) {
    const parts = pointerParts(r.pointer)
    if (parts[0] === member) {
      out.push({ pointer: parts.slice(1).map((p) => '/' + p).join(''), detail: r.detail })
    }
  }
  return out
}

/** A name no other form instance has: it makes a repeated submission harmless. */
export function freshKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
}
