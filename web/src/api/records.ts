/* SPDX-License-Identifier: Apache-2.0 */
import { get, request, withQuery, type Answer } from '../base/request'
import type { Fields } from '../base/value'
import type { EventNow, Page, RecordNow, StepNow } from './types'

const ROOT = '/api/v1/records'

export type ListQuery = Record<string, string | number | undefined>

function at(id: string): string {
  return `${ROOT}/${encodeURIComponent(id)}`
}

export function listRecords(query: ListQuery, signal?: AbortSignal): Promise<Page<RecordNow>> {
  return get<Page<RecordNow>>(withQuery(ROOT, query), signal)
}

export function oneRecord(id: string): Promise<Answer<RecordNow>> {
  return request<RecordNow>(at(id))
}

export async function eventsOf(id: string): Promise<EventNow[]> {
  const answer = await get<{ items: EventNow[] } | EventNow[]>(`${at(id)}/events`)
  return Array.isArray(answer) ? answer : answer.items
}

export async function stepsOf(id: string): Promise<StepNow[]> {
  const answer = await get<{ items: StepNow[] } | StepNow[]>(`${at(id)}/steps`)
  return Array.isArray(answer) ? answer : answer.items
}

export interface Submission {
  fields: Fields
  key: string
  post?: string | undefined
}

export function createRecord(
  kind: string,
  place: string,
  sent: Submission,
): Promise<Answer<RecordNow>> {
  return request<RecordNow>(ROOT, {
    method: 'POST',
    body: { kind, place, fields: sent.fields },
    key: sent.key,
    post: sent.post,
  })
}

export function takeStep(
  id: string,
  step: string,
  etag: string,
  comment: string,
  sent: Submission,
): Promise<Answer<RecordNow>> {
  const body: Fields = { fields: sent.fields }
  if (comment) body.comment = comment
  return request<RecordNow>(`${at(id)}/steps/${encodeURIComponent(step)}`, {
    method: 'POST',
    body,
    etag,
    key: sent.key,
    post: sent.post,
  })
}
