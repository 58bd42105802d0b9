/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pages/records/use-ledger.ts - a ledger whose whole condition stands in the address bar, so
 * that a link or the back button shows the same rows.
 */
import { computed, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { listRecords, type ListQuery } from '../../api/records'
import type { Kind, Names, OpenedFigure, RecordNow } from '../../api/types'
import { changed, conditionOf, turned, type Condition } from '../../base/paging'
import { useKinds } from '../../stores/kinds'

export const PAGE_SIZES = [20, 50, 100]

export function useLedger() {
  const route = useRoute()
  const router = useRouter()
  const kinds = useKinds()

  const kind = shallowRef<Kind | null>(null)
  const items = shallowRef<RecordNow[]>([])
  const next = ref<string | null>(null)
  const total = ref<number | string | null>(null)
  /* The figure whose records these are, and what the answer calls the things it names. */
  const figure = shallowRef<OpenedFigure | null>(null)
  const called = shallowRef<Names>({})
  const busy = ref(true)
  const cause = ref<unknown>(null)
  /* The cursors walked through, so that one can step back; a fresh address starts anew. */
  const walked = ref<string[]>([])
  let asking: AbortController | null = null

  const kindName = computed(() => (typeof route.params.kind === 'string' ? route.params.kind : ''))
  const query = computed<Condition>(() => conditionOf(route.query))

  /** Changes the condition; the page starts at its beginning again. */
  function change(members: Record<string, string | undefined>): void {
    walked.value = []
    void router.push({ path: route.path, query: changed(query.value, members) })
  }

  function forward(): void {
    if (!next.value) return
    walked.value.push(query.value.cursor ?? '')
    void router.push({ path: route.path, query: turned(query.value, next.value) })
  }

  function backward(): void {
    void router.push({ path: route.path, query: turned(query.value, walked.value.pop() ?? '') })
  }

  const asked = computed<ListQuery>(() => ({
    limit: PAGE_SIZES[0],
    ...query.value,
    kind: kindName.value || undefined,
  }))

  async function load(): Promise<void> {
    asking?.abort()
    const mine = new AbortController()
    asking = mine
    busy.value = true
    cause.value = null
    try {
      if (kindName.value && kind.value?.kind !== kindName.value) {
        kind.value = await kinds.need(kindName.value)
      } else {
        await kinds.load()
      }
      const page = await listRecords(asked.value, mine.signal)
      items.value = page.items
      next.value = page.next
      total.value = page.total
      figure.value = page.figure ?? null
      called.value = page.names ?? {}
    } catch (why) {
      if (!mine.signal.aborted) cause.value = why
    } finally {
      if (asking === mine) busy.value = false
    }
  }

  watch(asked, load, { immediate: true })

  return {
    kind, kindName, items, next, total, figure, called, busy, cause, walked, query, asked,
    change, forward, backward, load,
  }
}
