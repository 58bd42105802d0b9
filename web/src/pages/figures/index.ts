/* SPDX-License-Identifier: Apache-2.0 */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/figures/:figure?',
    name: 'figures',
    component: () => import('./figures.vue'),
    meta: { title: 'page.figures' },
  },
  {
    path: '/rules',
    name: 'rules',
    component: () => import('./rules.vue'),
    meta: { title: 'page.rules' },
  },
  {
    path: '/series/:series?',
    name: 'series',
    component: () => import('./series.vue'),
    meta: { title: 'page.series' },
  },
]
