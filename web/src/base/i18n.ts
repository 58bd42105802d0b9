/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/i18n.ts - the two languages of the pages. Words of kinds come from definitions.
 */
import { createI18n } from 'vue-i18n'
import en from '../locales/en.json'
import zh from '../locales/zh-CN.json'
import { speak } from './request'
import { titleIn, type Title } from './value'

export type Locale = 'zh-CN' | 'en'

const KEPT = 'zhiben.language'

function remembered(): Locale {
  return globalThis.localStorage?.getItem(KEPT) === 'en' ? 'en' : 'zh-CN'
}

export const i18n = createI18n({
  legacy: false,
  locale: remembered(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh, en },
  missingWarn: false,
  fallbackWarn: false,
})

export function locale(): Locale {
  return i18n.global.locale.value as Locale
}

export function setLocale(next: Locale): void {
  i18n.global.locale.value = next
  localStorage.setItem(KEPT, next)
  applyLocale()
}

export function applyLocale(): void {
  document.documentElement.lang = locale()
  speak(locale())
}

/** A title of a definition in the language of the reader. */
export function words(title: Title, fallback = ''): string {
  return titleIn(title, locale(), fallback)
}
