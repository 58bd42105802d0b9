/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/logic.ts - conditions of definitions, read by the page for a preview only.
 *
 * The server decides; a condition that the page cannot read counts as true, so that nothing
 * a person may do is hidden by mistake.
 */
import jsonLogic, { type RulesLogic } from 'json-logic-js'
import { daysBetween, today } from './time'
import type { Fields } from './value'

/** The fields with what a condition may read beside them. */
function surroundings(fields: Fields): Fields {
  const days: Fields = {}
  for (const [name, v] of Object.entries(fields)) {
    if (typeof v === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(v)) {
      days[name] = daysBetween(today(), v)
    }
  }
  return { today: today(), ...fields, days }
}

export function holds(condition: unknown, fields: Fields): boolean {
  if (condition === undefined || condition === null) return true
  try {
    return jsonLogic.truthy(jsonLogic.apply(condition as RulesLogic, surroundings(fields)))
  } catch {
    return true
  }
}
