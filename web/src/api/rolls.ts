/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/rolls.ts - what an auditor and a system administrator read, in pages.
 */
import { get, withQuery } from '../base/request'
import type { AccountKept, Grant, Roll, SignInKept } from './types'

export function signIns(query: { account?: string; cursor?: string }): Promise<Roll<SignInKept>> {
  return get(withQuery('/api/v1/sign-ins', query))
}

export function grants(query: { sort?: string; cursor?: string }): Promise<Roll<Grant>> {
  return get(withQuery('/api/v1/grants', query))
}

export function accounts(query: { q?: string; cursor?: string }): Promise<Roll<AccountKept>> {
  return get(withQuery('/api/v1/accounts', query))
}
