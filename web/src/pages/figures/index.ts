/* SPDX-License-Identifier: Apache-2.0 */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/figures/:figure?',
    name: 'figures',
    component: () => import('./figures.vue'),
    meta: { title: 'page.figures' },
  },
]
