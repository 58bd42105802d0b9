/* SPDX-License-Identifier: Apache-2.0 */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/places/:code?',
    name: 'places',
    component: () => import('./places.vue'),
    meta: { title: 'page.places' },
  },
  {
    path: '/people',
    name: 'people',
    component: () => import('./people.vue'),
    meta: { title: 'page.people' },
  },
  { path: '/unit/:id', name: 'unit', component: () => import('./unit.vue') },
]
