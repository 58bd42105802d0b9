/* SPDX-License-Identifier: Apache-2.0 */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/ledger/:kind?',
    name: 'ledger',
    component: () => import('./list.vue'),
    meta: { title: 'page.ledgers' },
  },
  { path: '/new/:kind', name: 'new', component: () => import('./fresh.vue') },
  { path: '/record/:id', name: 'record', component: () => import('./item.vue') },
]
