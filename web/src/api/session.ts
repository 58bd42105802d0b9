/* SPDX-License-Identifier: Apache-2.0 */
import { get, request } from '../base/request'
import type { Me } from './types'

export async function signIn(account: string, password: string): Promise<void> {
  await request('/api/v1/session', { method: 'POST', body: { account, password } })
}

export async function signOut(): Promise<void> {
  await request('/api/v1/session', { method: 'DELETE' })
}

export function whoAmI(): Promise<Me> {
  return get<Me>('/api/v1/me')
}
