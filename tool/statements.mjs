// SPDX-License-Identifier: Apache-2.0
// tool/statements.mjs OUT: every statement the binary may send, one a line under the name of its file:
// the literals of src/ that are whole statements, the shapes of sql/built.txt for those put together at
// run time, the scripts of sql/. A literal that begins a statement and is put together without a shape
// fails the build: what is not listed is not sent.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..')
const VERB = /^ *(SELECT|INSERT|UPDATE|DELETE|WITH|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|DO|DECLARE|FETCH|CLOSE|DEALLOCATE|PRAGMA|COPY|CREATE|DROP|ALTER|ANALYZE|VACUUM)( |$)/
const BARE = /^(<[a-z_]+>|SELECT|INSERT INTO|DELETE FROM|UPDATE|SAVEPOINT|RELEASE|DEALLOCATE|WITH)$/ // a verb or an engine's word by itself
const UNKNOWN = '<?>' // a word of the preprocessor that is no text
// Who puts a text together from pieces.
const BUILDERS = /\b(text_puts|text_printf|arena_format|store_list_text)\($/
const TOKEN = /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\])+'|"((?:\\.|[^"\\])*)"|\b[A-Z][A-Z_]{2,}\b|\s+|\\\n|[^]/g

const files = (folder, end) => readdirSync(join(TOP, folder), { recursive: true })
  .filter((name) => name.endsWith(end)).map((name) => join(folder, name)).sort()
const read = (file) => readFileSync(join(TOP, file), 'utf8')
const plain = (text) => text.replaceAll('\\n', ' ').replaceAll('\\"', '"').replace(/\s+/g, ' ')

/** Macros that are a text, and every run of literals and such macros outside of their definitions. */
function textsOf(source, macros) {
  const runs = []
  let run = null
  let before = ''
  for (const [token, literal] of source.matchAll(TOKEN)) {
    if (/^(\s|\\\n|\/[*/])/.test(token)) continue
    const piece = literal ?? macros.get(token) ?? (run && /^[A-Z]/.test(token) ? UNKNOWN : undefined)
    if (piece === undefined) {
      run = null
      before = (before + token).slice(-200)
      continue
    }
    if (!run) runs.push(run = { text: '', before })
    run.text += piece
  }
  return runs.map((one) => ({ ...one, text: plain(one.text) }))
}

/** The name of the innermost call that stands open before a text. */
function callOf(before) {
  let depth = 0
  for (let i = before.length - 1; i >= 0; i--) {
    if (before[i] === ')') depth++
    if (before[i] === '(' && depth-- === 0) return before.slice(0, i + 1)
    if (before[i] === ';' || before[i] === '{') return ''
  }
  return ''
}

/** What the fixed parts of a piece say stands in this order in one shape. */
const stands = (piece, shapes) => {
  const parts = piece.replace(/^%s /, '').split(/%(?:\.\*|l+)?[a-z]/).filter((part) => part.trim())
  return shapes.some((shape) => parts.reduce((at, part) => {
    const found = at < 0 ? -1 : shape.indexOf(part.trim(), at)
    return found < 0 ? -1 : found + part.trim().length
  }, 0) >= 0)
}

const out = []
const add = (name, statements) => {
  const all = [...new Set(statements)].filter((one) => one && !BARE.test(one))
  if (all.length) out.push(`-- ${name}`, ...all)
}
const built = read('sql/built.txt').split('\n').filter((line) => line && !line.startsWith('--'))
const missing = []

/** The statements of a script; what stands between $$ is one. */
const split = (script) => script.split(/;(?=(?:[^$]|\$(?!\$))*(?:\$\$[^]*?\$\$[^$]*)*$)/).map((one) => one.trim())

const DEFINE = /^#define[ \t]+([A-Z][A-Z_]{2,})[ \t]+((?:\\\n|[^\n])*)$/gm

/** Adds the macros of a file that are nothing but a text. */
function define(source, macros) {
  for (const [, name, body] of source.matchAll(DEFINE)) {
    const [text, ...more] = textsOf(body, macros)
    if (text && !more.length && !text.before && !text.text.includes(UNKNOWN)) macros.set(name, text.text)
  }
  return macros
}

const ofHeaders = new Map()
for (const file of files('src', '.h')) define(read(file), ofHeaders)

for (const file of files('src', '.c')) {
  const source = read(file)
  const macros = define(source, new Map(ofHeaders))
  const whole = []
  for (const { text, before } of textsOf(source.replace(DEFINE, ''), macros)) {
    const begins = text.replace(/^%s/, '')
    if (!VERB.test(begins)) continue
    const isPiece = BUILDERS.test(callOf(before)) || /%[a-z.]/.test(text)
    if (!isPiece && !text.includes(UNKNOWN)) whole.push(...split(text))
    else if (text.includes(UNKNOWN) || !split(begins).every((one) => stands(one, built))) missing.push(`${file}: ${text}`)
  }
  add(relative('src', file), whole)
}
if (missing.length) {
  console.error(`tool/statements.mjs: put together, and without a shape in sql/built.txt:\n${missing.join('\n')}`)
  process.exit(1)
}
add('sql/built.txt', built)
for (const file of files('sql', '.sql')) {
  const text = read(file).replace(/--[^\n]*/g, '').replace(/\{([a-z_]+)\}/g, '<$1>')
  add(file, split(plain(text)))
}
writeFileSync(process.argv[2], `${out.join('\n')}\n`)
