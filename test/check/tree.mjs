// SPDX-License-Identifier: Apache-2.0
// The files a check reads: the checkout's own (tracked, or new and not ignored), or planted ones.
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const BINARY = /\.(png|jpe?g|webp|gif|ico|gz|zip|db|woff2?|pdf|bin)$/

export function checkout(root) {
  // The checkout may belong to another user than the one who checks it.
  const listed = execFileSync(
    'git', ['-c', 'safe.directory=*', '-C', root, 'ls-files', '-coz', '--exclude-standard'],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  )
  const isFile = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile()
  const paths = [...new Set(listed.split('\0').filter(Boolean))].filter(isFile).sort()
  return tree(paths, (path) => readFileSync(join(root, path), 'utf8'))
}

export function planted(files) {
  return tree(Object.keys(files).sort(), (path) => files[path])
}

function tree(paths, load) {
  const texts = new Map()
  const folders = new Set()
  for (const path of paths) {
    const parts = path.split('/')
    for (let n = 1; n < parts.length; n++) folders.add(parts.slice(0, n).join('/'))
  }
  const read = (path) => {
    if (!texts.has(path)) texts.set(path, load(path))
    return texts.get(path)
  }
  return {
    paths,
    read,
    has: (path) => paths.includes(path) || folders.has(path),
    text: (pattern) => paths.filter((path) => pattern.test(path) && !BINARY.test(path)),
  }
}

export function lineAt(text, offset) {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

/* C with comments blanked (and, when asked, what strings hold), every line kept in its place. */
export function code(text, { strings = true } = {}) {
  const blank = (s) => s.replace(/[^\n]/g, ' ')
  return text.replace(
    /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/g,
    (s) => {
      if (s[0] === '/') return blank(s)
      return strings || s.length < 3 ? s : s[0] + blank(s.slice(1, -1)) + s.at(-1)
    },
  )
}

/* Every run of adjacent string literals of C, joined as the compiler joins them. */
export function literals(text) {
  const found = []
  const clean = code(text)
  const include = /^[ \t]*#[ \t]*include\b/
  for (const run of clean.matchAll(/"(?:\\[^]|[^"\\\n])*"(?:\s*"(?:\\[^]|[^"\\\n])*")*/g)) {
    const start = clean.lastIndexOf('\n', run.index) + 1
    if (include.test(clean.slice(start, run.index + 1))) continue
    const pieces = [...run[0].matchAll(/"((?:\\[^]|[^"\\\n])*)"/g)].map((piece) => piece[1])
    found.push({ value: pieces.join(''), pieces, line: lineAt(clean, run.index) })
  }
  return found
}
