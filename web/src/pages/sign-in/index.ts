/* SPDX-License-Identifier: Apache-2.0 */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/sign-in',
    name: 'sign-in',
    component: () => import('./sign-in.vue'),
    meta: { bare: true, open: true, title: 'sign_in' },
  },
]
