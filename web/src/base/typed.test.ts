/* SPDX-License-Identifier: Apache-2.0 */
import { expect, test } from 'vitest'
import { isComposing, narrow, numberOf, numeral, sought } from './typed'

test('full-width letters, digits and spaces are read as meant', () => {
  expect(narrow('９１３２０２０５ＭＡ１')).toBe('91320205MA1')
  expect(narrow('第 １２ 号　甲')).toBe('第 12 号 甲')
  expect(narrow('隐患：未整改，见“附件”')).toBe('隐患:未整改,见“附件”')
})

test('what is searched for has single spaces and none at its ends', () => {
  expect(sought('　ｘｓ　 东亭 ')).toBe('xs 东亭')
  expect(sought('   ')).toBe('')
})

test.each([
  ['１２', 12],
  [' 1，200 ', 1200],
  ['1,200.50', 1200.5],
  ['３。５', 3.5],
  ['－7', -7],
  ['−7', -7],
  ['1 000', 1000],
  ['0', 0],
])('%s is a number', (typed, meant) => {
  expect(numberOf(typed)).toBe(meant)
})

test('what is no number is kept to be refused, nothing is nothing', () => {
  expect(numberOf('约三万')).toBe('约三万')
  expect(numberOf('1.')).toBe('1.')
  expect(numberOf(' 　')).toBeUndefined()
})

test('decimals keep their digits as text', () => {
  expect(numeral('１２３，４５６．７８')).toBe('123456.78')
  expect(numeral('0.10')).toBe('0.10')
})

test('Enter that ends a syllable is told from Enter that sends', () => {
  expect(isComposing({ isComposing: true, keyCode: 13 })).toBe(true)
  expect(isComposing({ isComposing: false, keyCode: 229 })).toBe(true)
  expect(isComposing({ isComposing: false, keyCode: 13 })).toBe(false)
})
