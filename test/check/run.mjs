// SPDX-License-Identifier: Apache-2.0
// Runs every check over the checkout and prints a line each; script/check calls it.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as source from './source.mjs'
import * as text from './text.mjs'
import { checkout } from './tree.mjs'

const CHECKS = {
  floors: source.floors,
  headers: source.headers,
  libraries: source.libraries,
  tables: source.tables,
  calls: source.calls,
  sizes: source.sizes,
  heads: source.heads,
  names: source.names,
  words: text.words,
  json: text.json,
  machine: text.machine,
  reached: text.reached,
  unfinished: text.unfinished,
  links: text.links,
}

const tree = checkout(join(dirname(fileURLToPath(import.meta.url)), '..', '..'))
let passed = 0
let failed = 0
for (const [name, check] of Object.entries(CHECKS)) {
  let bad
  try {
    bad = check(tree)
  } catch (error) {
    bad = [{ file: 'test/check', line: 1, why: `the check broke: ${error.message}` }]
  }
  if (bad.length) failed++
  else passed++
  if (!bad.length) console.log(`ok ${name}`)
  for (const { file, line, why } of bad) console.log(`not ok ${name}: ${file}:${line} ${why}`)
}
if (failed) console.log('The laws are explained in CONTRIBUTING.md.')
console.log(`check: ${passed} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0
