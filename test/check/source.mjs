// SPDX-License-Identifier: Apache-2.0
// Laws of the C sources: floors, headers, libraries, tables, clocks, sizes, heads, names.
import { code, lineAt, literals } from './tree.mjs'

const C = /^src\/.*\.[ch]$/
const roomOf = (path) => (path === 'src/main.c' ? 'main' : path.split('/')[1])

function floorsOf(tree) {
  const floors = new Map()
  for (const line of tree.read('src/FLOORS').split('\n')) {
    const [room, ...below] = line.trim().split(/\s+/)
    if (room) floors.set(room, below)
  }
  return floors
}

function includes(tree, pattern = C) {
  return tree.text(pattern).flatMap((file) =>
    [...code(tree.read(file)).matchAll(/^[ \t]*#[ \t]*include[ \t]+(["<])([^">]+)[">]/gm)].map((m) => ({
      file, line: lineAt(tree.read(file), m.index), quoted: m[1] === '"', header: m[2],
    })))
}

export function floors(tree) {
  const law = floorsOf(tree)
  const bad = []
  const seen = new Set()
  for (const [room, below] of law) {
    for (const lower of below.filter((name) => !seen.has(name))) {
      bad.push({ file: 'src/FLOORS', line: 1, why: `${room} names ${lower}, which no line above it is` })
    }
    seen.add(room)
  }
  for (const { file, line, quoted, header } of includes(tree)) {
    if (!quoted) continue
    const room = roomOf(file)
    const target = header.split('/')[0]
    const may = room === 'main' ? ['base', 'cmd'] : law.get(room)
    if (!may) bad.push({ file, line, why: `${room} is no room of src/FLOORS` })
    else if (!header.includes('/')) bad.push({ file, line, why: `write "${header}" from src/: "room/${header}"` })
    else if (!law.has(target)) bad.push({ file, line, why: `${target} is no room of src/FLOORS` })
    else if (target !== room && !may.includes(target)) {
      bad.push({ file, line, why: `${room} may not include ${target}: ${may.join(' ') || 'nothing'} only` })
    }
  }
  return bad
}

/* One public header a room, base excepted; inside.h is the room's own. */
export function headers(tree) {
  return includes(tree).filter(({ quoted, header }) => quoted && header.includes('/')).flatMap(
    ({ file, line, header }) => {
      const [room, name] = header.split('/')
      if (room === roomOf(file) || (room === 'base' && name !== 'inside.h')) return []
      return name === `${room}.h` ? [] : [{ file, line, why: `${header} is inside ${room}; include ${room}/${room}.h` }]
    })
}

const LIBRARIES = [
  [/^jansson\.h$/, /^src\/base\/json\.c$/, 'base/json.c'],
  [/^sqlite3/, /^src\/store\/sqlite\w*\.c$/, 'store/sqlite*.c'],
  [/^libpq/, /^src\/store\/postgres(_run)?\.[ch]$/, 'store/postgres*.[ch]'],
  [/^microhttpd\.h$/, /^src\/http\//, 'http/'],
  [/^(zip|expat)\.h$/, /^src\/format\/archive\.c$/, 'format/archive.c'],
  [/^xlsxwriter\.h$/, /^src\/format\/xlsx_write\.c$/, 'format/xlsx_write.c'],
]

export function libraries(tree) {
  return includes(tree).flatMap(({ file, line, header }) =>
    LIBRARIES.filter(([name, where]) => name.test(header) && !where.test(file))
      .map(([, , where]) => ({ file, line, why: `only ${where} includes ${header}` })))
}

const WRITES = /\b(?:INSERT(?: OR [A-Z]+)? INTO|REPLACE INTO|UPDATE(?: OR [A-Z]+)?|DELETE FROM)\s+([a-z][a-z0-9]*)(_[a-z0-9_]+)/g

export function tables(tree) {
  const law = floorsOf(tree)
  const bad = []
  for (const file of tree.text(/^src\/.*\.[ch]$/)) {
    for (const { value, line } of literals(tree.read(file))) {
      for (const [, owner, rest] of value.replace(/\\[nt]/g, ' ').matchAll(WRITES)) {
        if (owner === roomOf(file)) continue
        bad.push({ file, line, why: `${roomOf(file)} writes ${owner}${rest}, a table of ${law.has(owner) ? owner : 'no room'}` })
      }
    }
  }
  for (const file of tree.text(/^sql\/.*\.sql$/)) {
    const text = tree.read(file).replace(/--[^\n]*/g, (s) => ' '.repeat(s.length))
    for (const m of text.matchAll(/\bCREATE\s+(?:VIRTUAL\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([a-z0-9_]+)/gi)) {
      if (!law.has(m[1].split('_')[0])) {
        bad.push({ file, line: lineAt(text, m.index), why: `the table ${m[1]} does not begin with a room` })
      }
    }
  }
  return bad
}

/* Time and chance come in as arguments: base/time.c and base/random.c alone ask the system for them,
   and cmd alone asks base/time.c for the calendar clock and the system for its environment. */
const CALLS = [
  [/\b(?:strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|system|popen|alloca)\s*\(/g, /^$/, 'is refused everywhere'],
  [/\b(?:localtime(?:_r)?|mktime|tzset)\s*\(/g, /^$/, "reads the process's TZ"],
  [/\b(?:time|gettimeofday)\s*\(|\bCLOCK_REALTIME\b/g, /^src\/base\/time\.c$/, 'reads the calendar clock: base/time.c only'],
  [/\btime_system\s*\(/g, /^src\/(cmd\/|base\/time\.[ch]$)/, 'reads the calendar clock: cmd only'],
  [/\b(?:getenv|secure_getenv)\s*\(/g, /^src\/(cmd\/|main\.c)/, 'reads the environment: cmd only'],
  [/\b(?:fopen|open|openat|socket)\s*\(/g, /^src\/(?!base\/|rule\/|kind\/|format\/)/, 'does not belong in a pure room'],
  [/\bclock_gettime\s*\(/g, /^src\/(base\/time\.c$|(?!base\/|rule\/|kind\/|format\/))/, 'does not belong in a pure room'],
  [/\b(?:rand|random|getrandom|RAND_bytes)\s*\(/g, /^src\/base\/random\.c$/, 'draws chance: base/random.c only'],
]

export function calls(tree) {
  const bad = []
  for (const file of tree.text(C)) {
    const text = code(tree.read(file), { strings: false })
    for (const [call, where, why] of CALLS) {
      if (where.test(file)) continue
      for (const m of text.matchAll(call)) {
        if (/[.>]\s*$/.test(text.slice(Math.max(0, m.index - 3), m.index))) continue
        bad.push({ file, line: lineAt(text, m.index), why: `${m[0].replace(/\s*\($/, '')} ${why}` })
      }
    }
  }
  return bad
}

const FILE_LINES = 1000
const FUNCTION_LINES = 100

export function sizes(tree) {
  const bad = []
  const sources = /^(src|test|tool|web\/src|script)\/.*(\.([ch]|mjs|ts|vue|css|sh)|\/[a-z-]+)$|^script\/[a-z]+$/
  for (const file of tree.text(sources)) {
    const lines = tree.read(file).split('\n')
    if (lines.length > FILE_LINES + 1) {
      bad.push({ file, line: FILE_LINES, why: `${lines.length - 1} lines; a file has at most ${FILE_LINES}` })
    }
    if (!/\.c$/.test(file)) continue
    let start = -1
    code(tree.read(file)).split('\n').forEach((text, n) => {
      if (start < 0 && (text.startsWith('{') || /^\w[^=]*\)\s*\{\s*$/.test(text))) start = n
      if (start < 0 || !text.startsWith('}')) return
      if (n - start + 1 > FUNCTION_LINES) {
        bad.push({ file, line: start + 1, why: `a function of ${n - start + 1} lines; at most ${FUNCTION_LINES}` })
      }
      start = -1
    })
  }
  return bad
}

export function heads(tree) {
  const first = '/* SPDX-License-Identifier: Apache-2.0 */'
  return tree.text(/^(src|test)\/.*\.[ch]$/).filter((file) => tree.read(file).split('\n')[0] !== first)
    .map((file) => ({ file, line: 1, why: `does not begin with ${first}` }))
}

const NAMES = new Set(['utils', 'util', 'common', 'misc', 'helper', 'helpers', 'manager', 'data', 'info'])

export function names(tree) {
  return tree.paths.filter((path) => /^(src|web\/src)\//.test(path)).flatMap((file) =>
    file.split('/').map((part) => part.split('.')[0]).filter((part) => NAMES.has(part))
      .map((part) => ({ file, line: 1, why: `${part} says nothing: name what it is` })))
}
