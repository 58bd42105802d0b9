/* SPDX-License-Identifier: Apache-2.0 */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/carry/:kind', name: 'carry', component: () => import('./prepare.vue'), meta: { title: 'carry.title' } },
  { path: '/carry/:kind/:id', name: 'carried', component: () => import('./act.vue'), meta: { title: 'carry.title' } },
]
