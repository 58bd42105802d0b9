/* SPDX-License-Identifier: Apache-2.0 */
import { request } from '../base/request'
import type { StoredFile } from './types'

export async function storeFile(file: File): Promise<StoredFile> {
  const form = new FormData()
  form.append('file', file, file.name)
  return (await request<StoredFile>('/api/v1/files', { method: 'POST', form })).value
}

export function fileAddress(digest: string): string {
  return `/api/v1/files/${encodeURIComponent(digest)}`
}
