/* SPDX-License-Identifier: Apache-2.0 */
import { get } from '../base/request'
import type { Kind } from './types'

export async function allKinds(): Promise<Kind[]> {
  return (await get<{ items: Kind[] }>('/api/v1/kinds')).items
}

export function oneKind(kind: string): Promise<Kind> {
  return get<Kind>(`/api/v1/kinds/${encodeURIComponent(kind)}`)
}
