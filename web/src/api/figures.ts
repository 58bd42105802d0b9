/* SPDX-License-Identifier: Apache-2.0 */
import { get, withQuery } from '../base/request'
import type { FigureAnswer, FigureEntry, Series } from './types'

export async function allFigures(): Promise<FigureEntry[]> {
  return (await get<{ items: FigureEntry[] }>('/api/v1/figures')).items
}

export function oneFigure(
  figure: string,
  query: Record<string, string | undefined>,
): Promise<FigureAnswer> {
  return get<FigureAnswer>(withQuery(`/api/v1/figures/${encodeURIComponent(figure)}`, query))
}

export async function allSeries(): Promise<Series[]> {
  return (await get<{ items: Series[] }>('/api/v1/series')).items
}

export function oneSeries(name: string): Promise<Series> {
  return get<Series>(`/api/v1/series/${encodeURIComponent(name)}`)
}
