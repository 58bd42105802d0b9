// SPDX-License-Identifier: Apache-2.0
// What `zhiben statements` lists, and whether a statement that was sent is among it. Values, whether
// bound or written out, are one mark on both sides; so are rows of marks that repeat.
import { run } from './harness.mjs'

const WORD = /<(table|columns|number|serial|bytes|packed|search_by_rid)>/

/** A text without its values, its comments and PostgreSQL's own spelling. */
export function plain(text) {
  let said = text.replace(/--[^\n]*/g, ' ').replace(/'(?:[^']|'')*'/g, '?').replace(/ COLLATE "C"/g, '')
    .replace(/\$\d+/g, '?').replace(/\b\d+\b|\b(?:true|false|null)\b/gi, '?').replace(/\s+/g, ' ').trim().replace(/;$/, '')
    .replace(/\bILIKE\b/g, 'LIKE').replace(/ ESCAPE \?/g, '').replace(/ ?([(),]) ?/g, '$1').replace(/([(,=<>] ?)-\?/g, '$1?')
  for (let was; was !== said;) {
    was = said
    said = said.replace(/(\((?:[^()]*)\)),\1/g, '$1')
  }
  return said
}

const WORDS = { table: '[a-z_]+', columns: '[a-z_., ]+', number: '(?:\\d+|\\?)' }

/** A regular expression for a listed line: {a|b}, {a}* and <words> as sql/built.txt explains them. */
function shape(line) {
  let depth = 0
  let out = ''
  for (const [part] of plain(line).matchAll(new RegExp(`${WORD.source}|\\}\\*|[^]`, 'g'))) {
    const word = WORD.exec(part)
    if (word) out += WORDS[word[1]] ?? '.*?'
    else if (part === '{') { out += '(?:'; depth++ }
    else if (part === '}' || part === '}*') { out += part === '}' ? ')' : ')*'; depth-- }
    else if (part === '|' && depth) out += '|'
    else out += part.replace(/[.*+?^$()[\]\\|]/, '\\$&')
  }
  return new RegExp(`^${out.replace(/\s+/g, ' ?')}$`)
}

/** The listed statements, as they stand. */
export async function listed() {
  return (await run(['statements'])).out.split('\n').filter((line) => line && !line.startsWith('--'))
}

/** Tells whether a text that was sent is listed. */
export function reader(lines) {
  const exact = new Set(lines.map(plain))
  const shapes = lines.filter((line) => /[{<]/.test(line)).map(shape)
  return (text) => {
    const said = plain(text)
    return exact.has(said) || shapes.some((one) => one.test(said))
  }
}
