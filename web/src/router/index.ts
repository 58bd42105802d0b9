/* SPDX-License-Identifier: Apache-2.0 */
/*
 * router/index.ts - collects the routes of the pages; who is not signed in is sent to sign in
 * and brought back to where he was.
 */
import { createRouter, createWebHistory, type Router, type RouteRecordRaw } from 'vue-router'
import { i18n } from '../base/i18n'
import { whenSignedOut } from '../base/request'
import { useKinds } from '../stores/kinds'
import { useSession } from '../stores/session'

declare module 'vue-router' {
  interface RouteMeta {
    bare?: boolean
    open?: boolean
    title?: string
  }
}

const found = import.meta.glob<{ routes: RouteRecordRaw[] }>('../pages/*/index.ts', { eager: true })

export function makeRouter(): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: Object.values(found).flatMap((page) => page.routes),
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })

  function toSignIn(): void {
    const now = router.currentRoute.value
    if (now.meta.open) return
    void router.replace({ path: '/sign-in', query: { to: now.fullPath } })
  }

  router.beforeEach(async (to) => {
    if (to.meta.open) return true
    const session = useSession()
    try {
      await session.resume()
    } catch {
      /* The page itself says that the server cannot be reached. */
      return true
    }
    return session.signedIn ? true : { path: '/sign-in', query: { to: to.fullPath } }
  })
  router.afterEach((to) => {
    const title = to.meta.title ? i18n.global.t(to.meta.title) : ''
    document.title = [title, i18n.global.t('product')].filter(Boolean).join(' · ')
  })
  whenSignedOut(() => {
    const session = useSession()
    if (!session.signedIn) return
    session.forget()
    useKinds().forget()
    toSignIn()
  })
  return router
}
