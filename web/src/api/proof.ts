/* SPDX-License-Identifier: Apache-2.0 */
import type { Proof } from '../base/proof'
import { get } from '../base/request'

export async function proofOf(id: string): Promise<Proof[]> {
  return (await get<{ items: Proof[] }>(`/api/v1/records/${encodeURIComponent(id)}/proof`)).items
}
