/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/request.ts - one way to ask the server and one way to fail.
 *
 * Knows: RFC 9457 problems, the page header that guards cookie writes, the post in use.
 * Does not know: any route.
 */
import { isObject, type Refusal } from './value'

/** What the server refused, or that it could not be reached (status 0). */
export class Problem extends Error {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly refusals: Refusal[]

  constructor(status: number, title: string, detail: string, refusals: Refusal[] = []) {
    super(detail || title)
    this.name = 'Problem'
    this.status = status
    this.title = title
    this.detail = detail
    this.refusals = refusals
  }
}

export interface Answer<T> {
  value: T
  etag: string | null
  location: string | null
}

export interface Ask {
  method?: 'GET' | 'POST' | 'DELETE' | 'PUT'
  body?: unknown
  form?: FormData
  etag?: string | undefined
  key?: string | undefined
  post?: string | undefined
  signal?: AbortSignal | undefined
}

let language = 'zh-CN'
let postInUse: string | null = null
let onSignedOut: (() => void) | null = null

export function speak(locale: string): void {
  language = locale
}

export function usePost(post: string | null): void {
  postInUse = post
}

/** Called once whenever an answer says that the session has ended. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act
}

function problemOf(status: number, text: string): Problem {
  try {
    const doc: unknown = JSON.parse(text)
    if (isObject(doc)) {
      const errors = Array.isArray(doc.errors) ? doc.errors : []
      const refusals = errors.filter(isObject).map((e) => ({
        pointer: typeof e.pointer === 'string' ? e.pointer : '',
        detail: oneLanguage(typeof e.detail === 'string' ? e.detail : ''),
      }))
      return new Problem(
        status,
        oneLanguage(typeof doc.title === 'string' ? doc.title : ''),
        oneLanguage(typeof doc.detail === 'string' ? doc.detail : ''),
        refusals,
      )
    }
  } catch {
    /* Not a problem document: a gateway in front may have answered. */
  }
  return new Problem(status, `HTTP ${status}`, '')
}

/** A sentence "中文 | English" in the language of the reader. */
export function oneLanguage(sentence: string): string {
  const bar = sentence.indexOf(' | ')
  if (bar < 0) return sentence
  return language.startsWith('zh') ? sentence.slice(0, bar) : sentence.slice(bar + 3)
}

export async function request<T>(path: string, ask: Ask = {}): Promise<Answer<T>> {
  const method = ask.method ?? 'GET'
  const headers: Record<string, string> = {
    Accept: 'application/json',
    'Accept-Language': language,
  }
  if (method !== 'GET') headers['Zhiben-Page'] = '1'
  if (ask.etag) headers['If-Match'] = ask.etag
  if (ask.key) headers['Idempotency-Key'] = ask.key
  const post = ask.post ?? postInUse
  if (post) headers['Zhiben-Post'] = post
  let body: BodyInit | null = null
  if (ask.form) {
    body = ask.form
  } else if (ask.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(ask.body)
  }

  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers,
      body,
      credentials: 'same-origin',
      signal: ask.signal ?? null,
    })
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Problem(0, '', '')
  }
  const text = await response.text()
  if (!response.ok) {
    const problem = problemOf(response.status, text)
    if (response.status === 401) onSignedOut?.()
    throw problem
  }
  return {
    value: (text ? JSON.parse(text) : null) as T,
    etag: response.headers.get('ETag'),
    location: response.headers.get('Location'),
  }
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request<T>(path, { signal })).value
}

/** A path with its query; empty members are left out. */
export function withQuery(path: string, query: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, v] of Object.entries(query)) {
    if (v !== undefined && v !== '') search.set(name, String(v))
  }
  const tail = search.toString()
  if (!tail) return path
  return path + (path.includes('?') ? '&' : '?') + tail
}
