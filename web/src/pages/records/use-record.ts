/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pages/records/use-record.ts - one record with its history and the steps possible for me now.
 */
import { ref, shallowRef } from 'vue'
import { eventsOf, oneRecord, stepsOf } from '../../api/records'
import type { EventNow, Kind, RecordNow, StepNow } from '../../api/types'
import { useKinds } from '../../stores/kinds'

export function useRecord(id: () => string) {
  const kinds = useKinds()
  const record = shallowRef<RecordNow | null>(null)
  const kind = shallowRef<Kind | null>(null)
  const events = shallowRef<EventNow[]>([])
  const steps = shallowRef<StepNow[]>([])
  const etag = ref('')
  const busy = ref(true)
  const cause = ref<unknown>(null)
  const eventsCause = ref<unknown>(null)
  const stepsCause = ref<unknown>(null)

  async function loadRest(): Promise<void> {
    eventsCause.value = null
    stepsCause.value = null
    await Promise.all([
      eventsOf(id()).then(
        (found) => {
          events.value = [...found].sort((a, b) => a.seq - b.seq)
        },
        (why: unknown) => {
          eventsCause.value = why
        },
      ),
      stepsOf(id()).then(
        (found) => {
          steps.value = found
        },
        (why: unknown) => {
          stepsCause.value = why
        },
      ),
    ])
  }

  async function load(): Promise<void> {
    busy.value = true
    cause.value = null
    try {
      const answer = await oneRecord(id())
      record.value = answer.value
      etag.value = answer.etag ?? `"${answer.value.revision}"`
      kind.value = await kinds.need(answer.value.kind)
      await loadRest()
    } catch (why) {
      cause.value = why
    } finally {
      busy.value = false
    }
  }

  return { record, kind, events, steps, etag, busy, cause, eventsCause, stepsCause, load }
}
