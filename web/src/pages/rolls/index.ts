/* SPDX-License-Identifier: Apache-2.0 */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/sign-ins', name: 'sign_ins', component: () => import('./sign-ins.vue'), meta: { title: 'page.sign_ins' } },
  { path: '/grants', name: 'grants', component: () => import('./grants.vue'), meta: { title: 'page.grants' } },
  { path: '/accounts', name: 'accounts', component: () => import('./accounts.vue'), meta: { title: 'page.accounts' } },
]
