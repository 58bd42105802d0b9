/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pages/figures/opened.ts - the address of the ledger that shows what a cell of a board counts.
 */
import type { FigureEntry } from '../../api/types'
import { daysOf } from '../../base/time'
import { textOf, type Fields } from '../../base/value'

/** A board: which figure, of which place, told by what, up to which day. */
export interface Asked {
  figure: FigureEntry
  place: string
  columns: string[]
  last: string
}

/* What a stock is at the end of its period; what a flow counts in it. */
function days(asked: Asked, period: string): Record<string, string> {
  const all = daysOf(period)
  if (!all) return {}
  const to = all.to < asked.last ? all.to : asked.last
  return asked.figure.sort === 'stock' ? { to } : { from: all.from, to }
}

/** `figure` is the one to open: a side of it where the board is of a ratio. */
export function ledgerOf(asked: Asked, cell: Fields, byPlace: boolean, figure = asked.figure.figure): string {
  const query = new URLSearchParams({ figure, place: asked.place })
  const without: string[] = []
  for (const column of asked.columns) {
    const value = textOf(cell[column])
    if (column === 'period') {
      for (const [name, day] of Object.entries(days(asked, value))) query.set(name, day)
    } else if (column === 'place') {
      if (byPlace && value === asked.place) without.push('place')
      else if (byPlace) query.set('row', value)
    } else if (value) query.set(column, value)
    else without.push(column)
  }
  if (without.length) query.set('without', without.join(','))
  return `/ledger/${asked.figure.kind ?? ''}?${query}`
}
