/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/typed.ts - what fingers type, read as it was meant: full-width letters and digits of a
 * Chinese keyboard, stray spaces, thousands' commas; and Enter that only ends a syllable.
 */

/** Full-width ASCII and the wide space as their plain twins; ideographic full stop as a point. */
export function narrow(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, ' ')
}

/** What somebody searches for: narrow, single spaces, none at the ends. */
export function sought(text: string): string {
  return narrow(text).replace(/\s+/g, ' ').trim()
}

/** A number as typed: narrow, without spaces and thousands' commas; `1。5` is 1.5, `－3` is -3. */
export function numeral(text: string): string {
  return narrow(text)
    .replace(/[,，、\s]/g, '')
    .replace(/。/g, '.')
    .replace(/^[−—–]/, '-')
}

/** A whole or decimal number, or what was typed, to be refused by its schema. */
export function numberOf(text: string): number | string | undefined {
  const plain = numeral(text)
  if (plain === '') return undefined
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : plain
}

/* Safari ends the composition before it tells of the key: only the old code 229 still says so. */
const IN_COMPOSITION = 229

/** Whether a key belongs to an input method that is putting a word together. */
export function isComposing(key: { isComposing: boolean; keyCode: number }): boolean {
  return key.isComposing || key.keyCode === IN_COMPOSITION
}

/** Enter that takes a word from the input method never sends a form. */
export function holdEnterWhileComposing(): void {
  window.addEventListener(
    'keydown',
    (key) => {
      if (key.key === 'Enter' && isComposing(key) && key.target instanceof HTMLInputElement) key.preventDefault()
    },
    { capture: true },
  )
}
