/* SPDX-License-Identifier: Apache-2.0 */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/print/:kind/:id/:n',
    name: 'paper',
    component: () => import('./paper.vue'),
    meta: { bare: true, title: 'print.print' },
  },
  {
    path: '/print/:kind',
    name: 'print-ledger',
    component: () => import('./ledger.vue'),
    meta: { bare: true, title: 'print.print' },
  },
]
