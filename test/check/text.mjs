// SPDX-License-Identifier: Apache-2.0
// Laws of everything beside the C: words of the definitions, JSON, tests, paths, links.
import { lineAt, literals } from './tree.mjs'

/* Kinds, steps and states of definitions/, which no source may name. */
export function wordsOf(tree) {
  const words = new Map()
  for (const file of tree.text(/^definitions\/[^/]+\.json$/)) {
    let definition
    try {
      definition = JSON.parse(tree.read(file))
    } catch {
      continue // the check of JSON says so
    }
    const add = (word, what) => typeof word === 'string' && !words.has(word) && words.set(word, `${what} of ${file}`)
    add(definition.kind, 'the kind')
    for (const { state } of definition.states ?? []) add(state, 'a state')
    for (const { step } of definition.steps ?? []) add(step, 'a step')
  }
  return words
}

function* quoted(tree) {
  for (const file of tree.text(/^src\/.*\.[ch]$/)) {
    for (const { pieces, line } of literals(tree.read(file))) {
      for (const word of pieces) yield { file, line, word }
    }
  }
  for (const file of tree.text(/^web\/src\/.*\.(ts|vue)$/)) {
    const text = tree.read(file).replace(/<style[^]*?<\/style>|\/\*[^]*?\*\/|<!--[^]*?-->/g, (s) => s.replace(/[^\n]/g, ' '))
    const script = file.endsWith('.ts') ? text
      : text.replace(/<template>[^]*<\/template>/, (s) => s.replace(/[^\n]/g, ' '))
    for (const m of text.matchAll(/'([\w-]+)'|`([\w-]+)`/g)) yield { file, line: lineAt(text, m.index), word: m[1] ?? m[2] }
    // In a template double quotes are the markup's own.
    for (const m of script.matchAll(/"([\w-]+)"/g)) yield { file, line: lineAt(script, m.index), word: m[1] }
  }
}

export function words(tree) {
  const list = 'script/check-words.txt'
  const bad = []
  const allowed = new Map()
  tree.read(list).split('\n').forEach((text, n) => {
    if (!text.trim() || text.startsWith('#')) return
    const [word, ...reason] = text.trim().split(/\s+/)
    if (!reason.length) bad.push({ file: list, line: n + 1, why: `${word} has no reason` })
    allowed.set(word, n + 1)
  })
  const law = wordsOf(tree)
  const needed = new Set()
  for (const { file, line, word } of quoted(tree)) {
    if (!law.has(word)) continue
    needed.add(word)
    if (!allowed.has(word)) bad.push({ file, line, why: `"${word}" is ${law.get(word)}: a mechanism is a definition, not code` })
  }
  for (const [word, line] of allowed) {
    if (!needed.has(word)) bad.push({ file: list, line, why: `${word} stands here and nothing needs it` })
  }
  return bad
}

/* The first key that stands twice in one object; the text has been parsed before. */
export function twice(text) {
  const open = []
  for (const m of text.matchAll(/"((?:\\.|[^"\\])*)"(\s*:)?|[{}[\]]/g)) {
    if (m[0] === '{' || m[0] === '[') open.push(new Set())
    else if (m[0] === '}' || m[0] === ']') open.pop()
    else if (m[2] !== undefined) {
      const key = JSON.parse(`"${m[1]}"`)
      if (open.at(-1).has(key)) return { key, line: lineAt(text, m.index) }
      open.at(-1).add(key)
    }
  }
  return null
}

export function json(tree) {
  const bad = []
  const read = (file, text, line) => {
    try {
      JSON.parse(text)
    } catch (error) {
      bad.push({ file, line, why: error.message.replace(/\s+/g, ' ') })
      return
    }
    const again = twice(text)
    if (again) bad.push({ file, line: line + again.line - 1, why: `the key "${again.key}" stands twice` })
  }
  for (const file of tree.text(/^(definitions|standards|demo|test)\/.*\.json$|^CMakePresets\.json$/)) read(file, tree.read(file), 1)
  for (const file of tree.text(/^(definitions|standards|demo|test)\/.*\.jsonl$/)) {
    tree.read(file).split('\n').forEach((text, n) => text && read(file, text, n + 1))
  }
  return bad
}

/* What this machine is called, or where its packages came from, is nobody else's business. */
const MACHINE = new RegExp(['/wo' + 'rk/', '/ro' + 'ot/', 'registry\\.npm' + 'js', 'registry\\.npm' + 'mirror', 'deb\\.deb' + 'ian'].join('|'))

export function machine(tree) {
  return tree.text(/./).flatMap((file) => {
    const text = tree.read(file)
    const m = MACHINE.exec(text)
    return m ? [{ file, line: lineAt(text, m.index), why: `${m[0]} is of one machine` }] : []
  })
}

const RUN = [
  /^test\/unit\/test_[^/]*\.c$/, /^test\/(api|browser|long|check)\/[^/]*\.test\.mjs$/,
  /^test\/(CMakeLists\.txt|package\.json|package-lock\.json|\.npmrc|README\.md)$/,
]

/* A test is run by script/test or CMake; anything else under test/ is named by one that is. */
export function reached(tree) {
  const under = tree.paths.filter((path) => path.startsWith('test/'))
  const readers = [...tree.text(/^test\/.*\.(c|h|mjs|txt|sh)$/), ...tree.text(/^script\/[a-z]+$/)]
  const named = (file) => {
    const parts = file.split('/')
    const base = parts.at(-1)
    const folders = parts.slice(1, -1).filter((part) => !['unit', 'api', 'browser', 'long', 'check'].includes(part))
    return readers.some((reader) => {
      if (reader === file) return false
      const text = tree.read(reader)
      return text.includes(base) || folders.some((folder) => new RegExp(`['"/]${folder}['"/]`).test(text))
    })
  }
  return under.filter((file) => !RUN.some((run) => run.test(file)) && !named(file))
    .map((file) => ({ file, line: 1, why: 'no runner reaches it' }))
}

const SKIP = new RegExp(`\\b(?:test|it|describe|t)\\.(?:sk${'ip'}|on${'ly'}|to${'do'})\\(|\\bsk${'ip'}\\(\\);`)
const UNFINISHED = new RegExp(`\\b(?:TO${'DO'}|FIX${'ME'}|X${'XX'}|HA${'CK'})\\b`)

export function unfinished(tree) {
  const bad = []
  for (const file of tree.text(/^(src|sql|test|tool|script|web\/src|definitions|standards|docs)\//)) {
    tree.read(file).split('\n').forEach((text, n) => {
      const m = UNFINISHED.exec(text) ?? (file.startsWith('test/') ? SKIP.exec(text) : null)
      if (m) bad.push({ file, line: n + 1, why: `${m[0]} marks something unfinished` })
    })
  }
  return bad
}

const TOPS = '(?:src|definitions|standards|sql|web|demo|test|script|docs|deploy|tool)'

export function links(tree) {
  const bad = []
  for (const file of tree.text(/\.md$/)) {
    const text = tree.read(file)
    const folder = file.split('/').slice(0, -1)
    const resolve = (path) => {
      const parts = [...(path.startsWith('/') ? [] : folder)]
      for (const part of path.split('/')) {
        if (part === '..') parts.pop()
        else if (part && part !== '.') parts.push(part)
      }
      return parts.join('/')
    }
    for (const m of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      const path = m[1].split('#')[0]
      if (!path || /^[a-z]+:/.test(path)) continue
      if (!tree.has(resolve(path))) bad.push({ file, line: lineAt(text, m.index), why: `the link ${m[1]} leads nowhere` })
    }
    for (const m of text.matchAll(new RegExp(`\`(${TOPS}/[^\`\\s]*)`, 'g'))) {
      const path = m[1].replace(/[/.,:]+$/, '').replace(/:\d+$/, '')
      if (/[*<>{}…|$()]|\.\.\./.test(path) || /^(web\/(dist|node_modules))/.test(path) || tree.has(path)) continue
      bad.push({ file, line: lineAt(text, m.index), why: `${path} is not in the tree` })
    }
  }
  return bad
}
