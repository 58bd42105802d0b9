/* SPDX-License-Identifier: Apache-2.0 */
import { get, withQuery } from '../base/request'
import type { FigureAnswer, FigureEntry } from './types'

export async function allFigures(): Promise<FigureEntry[]> {
  return (await get<{ items: FigureEntry[] }>('/api/v1/figures')).items
}

export function oneFigure(
  figure: string,
  query: Record<string, string | undefined>,
): Promise<FigureAnswer> {
  return get<FigureAnswer>(withQuery(`/api/v1/figures/${encodeURIComponent(figure)}`, query))
}
