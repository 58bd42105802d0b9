/* SPDX-License-Identifier: Apache-2.0 */
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './app.vue'
import { applyLocale, i18n } from './base/i18n'
import { holdEnterWhileComposing } from './base/typed'
import './layout/style.css'
import { makeRouter } from './router'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
app.use(makeRouter())
applyLocale()
holdEnterWhileComposing()
app.mount('#app')
