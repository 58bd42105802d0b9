/* SPDX-License-Identifier: Apache-2.0 */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/:rest(.*)*',
    name: 'missing',
    component: () => import('./missing.vue'),
    meta: { title: 'page.missing' },
  },
]
