/* SPDX-License-Identifier: Apache-2.0 */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/first-day',
    name: 'first-day',
    component: () => import('./first-day.vue'),
    meta: { bare: true, open: true, title: 'first.title' },
  },
  {
    path: '/setup',
    name: 'setup',
    component: () => import('./setup.vue'),
    meta: { title: 'page.setup' },
  },
  {
    path: '/setup/links',
    name: 'links',
    component: () => import('./links.vue'),
    meta: { bare: true, title: 'first.links' },
  },
]
