/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/paging.ts - the condition of a ledger as it stands in the address bar, and the way through
 * its pages. A link or the back button shows the same rows.
 */
export type Condition = Record<string, string>

/** What of an address is a condition: single words that say something. */
export function conditionOf(query: Record<string, unknown>): Condition {
  const out: Condition = {}
  for (const [name, v] of Object.entries(query)) {
    if (typeof v === 'string' && v !== '') out[name] = v
  }
  return out
}

/** A condition changed in some members; it begins at the first page again. */
export function changed(now: Condition, members: Record<string, string | undefined>): Condition {
  const out: Condition = { ...now }
  delete out.cursor
  for (const [name, v] of Object.entries(members)) {
    if (v) out[name] = v
    else delete out[name]
  }
  return out
}

/** The same condition at another page; the first where there is no cursor. */
export function turned(now: Condition, cursor: string): Condition {
  const out: Condition = { ...now }
  if (cursor) out.cursor = cursor
  else delete out.cursor
  return out
}

/** A value pressed among several of one member: added, or taken away; `single` keeps one at most. */
export function pressed(now: Condition, name: string, value: string, single = false): string | undefined {
  const chosen = now[name]?.split(',') ?? []
  const next = chosen.includes(value)
    ? chosen.filter((x) => x !== value)
    : single
      ? [value]
      : [...chosen, value]
  return next.join(',') || undefined
}
