/* SPDX-License-Identifier: Apache-2.0 */
import { get, request, withQuery, type Answer } from '../base/request'
import type { Fields } from '../base/value'
import type { EventNow, Names, Page, RecordNow, StepNow } from './types'

const ROOT = '/api/v1/records'

export type ListQuery = Record<string, string | number | undefined>

function at(id: string): string {
  return `${ROOT}/${encodeURIComponent(id)}`
}

/** A page says once what its ids are called; every record takes those words along. */
export async function listRecords(
  query: ListQuery,
  signal?: AbortSignal,
): Promise<Page<RecordNow> & { names?: Names }> {
  const page = await get<Page<RecordNow> & { names?: Names }>(withQuery(ROOT, query), signal)
  for (const r of page.items) r.names = { ...page.names, ...r.names }
  return page
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
