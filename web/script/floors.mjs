/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script/floors.mjs - refuses an import that climbs the floors of src/, and a page that imports
 * another page. Prints each with its line; exit 1 when there is one.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/* A room may import its own floor's room and what stands before it. */
const FLOORS = ['locales', 'base', 'api', 'stores', 'fields', 'parts', 'layout', 'pages', 'router']

function floorOf(path) {
  const room = path.split('/')[0]
  const floor = FLOORS.indexOf(room)
  return floor < 0 ? FLOORS.length : floor
}

let wrong = 0
for (const entry of readdirSync(SRC, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(ts|vue)$/.test(entry.name)) continue
  const file = join(entry.parentPath, entry.name)
  const from = relative(SRC, file)
  const lines = readFileSync(file, 'utf8').split('\n')
  lines.forEach((line, i) => {
    const found = /(?:from|import)\s*\(?\s*'(\.[^']*)'/.exec(line)
    if (!found) return
    const to = relative(SRC, normalize(join(dirname(file), found[1])))
    if (to.startsWith('..')) return
    const climbs = floorOf(to) > floorOf(from)
    const pages = [from, to].map((p) => p.split('/').slice(0, 2).join('/'))
    const strays = from.startsWith('pages/') && to.startsWith('pages/') && pages[0] !== pages[1]
    if (climbs || strays) {
      console.error(`src/${from}:${i + 1}: ${climbs ? 'climbs to' : 'another page:'} ${to}`)
      wrong++
    }
  })
}
process.exit(wrong ? 1 : 0)
