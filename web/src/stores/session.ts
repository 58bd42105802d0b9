/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stores/session.ts - who is signed in, in which post, and whether this is the demonstration.
 */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { signIn, signOut, whoAmI } from '../api/session'
import type { Me } from '../api/types'
import { Problem, usePost } from '../base/request'

const KEPT = 'zhiben.post.'

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const post = ref<string>('')
  const asked = ref(false)

  const signedIn = computed(() => me.value !== null)
  const demo = computed(() => me.value?.demo === true)
  /* Two roles handle no record: who doubts the log, and who keeps places, units and people. */
  const roles = computed(() => (me.value?.posts ?? []).map((p) => p.role))
  const proves = computed(() => roles.value.includes('auditor'))
  const keeps = computed(() => roles.value.includes('sysadmin'))
  /* Who sets a place up: its units, objects, people and rules. */
  const setsUp = computed(() => roles.value.some((r) => r === 'office' || r === 'sysadmin'))
  const handles = computed(() => roles.value.some((r) => r !== 'auditor' && r !== 'sysadmin'))
  /* The post in use, or the first one for what is only shown. */
  const shownPost = computed(() => {
    const posts = me.value?.posts ?? []
    return posts.find((p) => p.post === post.value) ?? posts[0] ?? null
  })

  /* The role he acts in, where there is no doubt about it: the chosen post's, or that of all his posts. */
  const role = computed(() => {
    const held = post.value ? [shownPost.value?.role ?? null] : roles.value
    return new Set(held).size === 1 ? (held[0] ?? null) : null
  })

  function choosePost(id: string): void {
    post.value = id
    usePost(id || null)
    if (!me.value) return
    if (id) localStorage.setItem(KEPT + me.value.account, id)
    else localStorage.removeItem(KEPT + me.value.account)
  }

  async function load(): Promise<void> {
    const found = await whoAmI()
    me.value = found
    asked.value = true
    const kept = localStorage.getItem(KEPT + found.account) ?? ''
    choosePost(found.posts.some((p) => p.post === kept) ? kept : '')
  }

  /** Asks once who is signed in; a refusal by 401 means nobody and is no error. */
  async function resume(): Promise<void> {
    if (asked.value) return
    try {
      await load()
    } catch (cause) {
      if (!(cause instanceof Problem) || cause.status !== 401) throw cause
      asked.value = true
    }
  }

  async function enter(account: string, password: string): Promise<void> {
    await signIn(account, password)
    await load()
  }

  function forget(): void {
    me.value = null
    post.value = ''
    usePost(null)
  }

  async function leave(): Promise<void> {
    try {
      await signOut()
    } finally {
      forget()
    }
  }

  return {
    me, post, role, signedIn, demo, shownPost, proves, keeps, setsUp, handles,
    choosePost, load, resume, enter, forget, leave,
  }
})
