/* SPDX-License-Identifier: Apache-2.0 */
import type { FigureEntry, Kind } from '../../api/types'
import { words } from '../../base/i18n'

export interface Heap {
  title: string
  figures: FigureEntry[]
}

/** Figures by their kinds, in the order of the kinds. */
export function heapsOf(figures: FigureEntry[], kinds: Kind[]): Heap[] {
  const out = new Map<string, Heap>()
  for (const f of figures) {
    const heap = out.get(f.kind ?? '') ?? { title: words(f.kind_title), figures: [] }
    heap.figures.push(f)
    out.set(f.kind ?? '', heap)
  }
  const order = kinds.map((k) => k.kind)
  return [...out.entries()].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)).map(([, heap]) => heap)
}
