/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pages/rolls/use-roll.ts - a roll read page after page: what is shown stays while more is fetched.
 */
import { ref, shallowRef, watch, type WatchSource } from 'vue'
import type { Roll } from '../../api/types'

export function useRoll<T>(ask: (cursor?: string) => Promise<Roll<T>>, when: WatchSource<string>) {
  const items = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const busy = ref(false)
  const cause = ref<unknown>(null)
  let round = 0

  async function read(cursor?: string): Promise<void> {
    const mine = ++round
    busy.value = true
    cause.value = null
    try {
      const page = await ask(cursor)
      /* An answer to an older question comes too late. */
      if (mine !== round) return
      items.value = cursor ? [...items.value, ...page.items] : page.items
      next.value = page.next
    } catch (why) {
      if (mine === round) cause.value = why
    } finally {
      if (mine === round) busy.value = false
    }
  }
  function more(): void {
    if (next.value) void read(next.value)
  }
  function again(): void {
    items.value = []
    void read()
  }
  watch(when, again, { immediate: true })

  return { items, next, busy, cause, more, again }
}
