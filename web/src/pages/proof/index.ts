/* SPDX-License-Identifier: Apache-2.0 */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/proof/:id?',
    name: 'proof',
    component: () => import('./proof.vue'),
    meta: { title: 'page.proof' },
  },
]
