// SPDX-License-Identifier: Apache-2.0
// Each check is shown a tree that keeps the law and one that breaks it: it must tell them apart, and
// point at the line.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as source from './source.mjs'
import * as text from './text.mjs'
import { planted } from './tree.mjs'

const HEAD = '/* SPDX-License-Identifier: Apache-2.0 */\n'
const FLOORS = 'base\nstore base\nhttp base\nchain base store\nrecord base store chain\ncmd base http\n'

function keeps(check, files) {
  assert.deepEqual(check(planted({ 'src/FLOORS': FLOORS, 'script/check-words.txt': '', ...files })), [])
}

function breaks(check, files, file, line, why) {
  const bad = check(planted({ 'src/FLOORS': FLOORS, 'script/check-words.txt': '', ...files }))
  assert.equal(bad.length, 1, JSON.stringify(bad))
  assert.equal(`${bad[0].file}:${bad[0].line}`, `${file}:${line}`)
  assert.match(bad[0].why, why)
}

test('floors: a room includes only the rooms of its line', () => {
  keeps(source.floors, { 'src/chain/a.c': '#include "store/store.h"\n#include "chain/chain.h"\n#include <stdio.h>\n' })
  breaks(source.floors, { 'src/store/a.c': '\n#include "chain/chain.h"\n' }, 'src/store/a.c', 2, /store may not include chain/)
  breaks(source.floors, { 'src/store/a.c': '#include "store.h"\n' }, 'src/store/a.c', 1, /write "store.h" from src/)
  breaks(source.floors, { 'src/attic/a.c': '#include "base/text.h"\n' }, 'src/attic/a.c', 1, /attic is no room/)
  breaks(source.floors, { 'src/main.c': '#include "store/store.h"\n' }, 'src/main.c', 1, /main may not include store/)
  keeps(source.floors, { 'src/store/a.c': '/*\n#include "chain/chain.h"\n*/\n' })
})

test('floors: the law itself has no circle', () => {
  breaks(source.floors, { 'src/FLOORS': 'base store\nstore base\n' }, 'src/FLOORS', 1, /base names store/)
})

test('headers: inside.h stays inside, and a room has one public header', () => {
  keeps(source.headers, { 'src/chain/a.c': '#include "store/store.h"\n#include "chain/inside.h"\n#include "base/json.h"\n' })
  breaks(source.headers, { 'src/chain/a.c': '#include "store/inside.h"\n' }, 'src/chain/a.c', 1, /is inside store/)
  breaks(source.headers, { 'src/chain/a.c': '#include "base/inside.h"\n' }, 'src/chain/a.c', 1, /is inside base/)
})

test('libraries: each stands behind one face', () => {
  keeps(source.libraries, { 'src/base/json.c': '#include <jansson.h>\n', 'src/http/serve.c': '#include <microhttpd.h>\n' })
  breaks(source.libraries, { 'src/record/a.c': '#include <jansson.h>\n' }, 'src/record/a.c', 1, /only base\/json.c/)
  breaks(source.libraries, { 'src/store/schema.c': '#include <sqlite3.h>\n' }, 'src/store/schema.c', 1, /only store\/sqlite\*\.c/)
})

test('tables: only the owner writes, also when the statement is split over literals', () => {
  keeps(source.tables, { 'src/record/a.c': 'f("INSERT INTO record_now "\n  "(a) VALUES (1) ON CONFLICT DO UPDATE SET a = 2");\ng("SELECT * FROM chain_event");\n' })
  breaks(source.tables, { 'src/record/a.c': '\nf("DELETE FROM "\n  "chain_event WHERE 1");\n' }, 'src/record/a.c', 2, /record writes chain_event, a table of chain/)
  breaks(source.tables, { 'src/record/a.c': 'f("UPDATE chain_head SET a = 1");\n' }, 'src/record/a.c', 1, /chain_head/)
  breaks(source.tables, { 'sql/kept.sql': '-- a\nCREATE TABLE attic_box (a);\n' }, 'sql/kept.sql', 2, /does not begin with a room/)
})

test('calls: time, chance and the environment come in as arguments', () => {
  keeps(source.calls, { 'src/record/a.c': '/* time(NULL) */ x->time(1); f("getenv()"); due_time(2);\n', 'src/cmd/a.c': 'time_system(); getenv("A");\n', 'src/base/time.c': 'clock_gettime(CLOCK_REALTIME, &a);\n' })
  breaks(source.calls, { 'src/record/a.c': 'time_system();\n' }, 'src/record/a.c', 1, /cmd only/)
  breaks(source.calls, { 'src/rule/a.c': 'clock_gettime(a, &b);\n' }, 'src/rule/a.c', 1, /pure room/)
  breaks(source.calls, { 'src/record/a.c': '\n\nx = time(NULL);\n' }, 'src/record/a.c', 3, /calendar clock/)
  breaks(source.calls, { 'src/http/a.c': 'getenv("TZ");\n' }, 'src/http/a.c', 1, /environment/)
  breaks(source.calls, { 'src/cmd/a.c': 'localtime(&t);\n' }, 'src/cmd/a.c', 1, /TZ/)
  breaks(source.calls, { 'src/base/a.c': 'fopen("a", "r");\n' }, 'src/base/a.c', 1, /pure room/)
  breaks(source.calls, { 'src/record/a.c': 'sprintf(a, "b");\n' }, 'src/record/a.c', 1, /refused everywhere/)
  breaks(source.calls, { 'src/record/a.c': 'getrandom(a, 1, 0);\n' }, 'src/record/a.c', 1, /base\/random.c only/)
})

test('sizes: a file has 1000 lines and a function 100', () => {
  const body = (n) => `int\nf(void)\n{\n${'    x();\n'.repeat(n)}}\n`
  keeps(source.sizes, { 'src/record/a.c': body(98), 'web/src/a.ts': 'a\n'.repeat(1000) })
  breaks(source.sizes, { 'src/record/a.c': body(99) }, 'src/record/a.c', 3, /101 lines/)
  breaks(source.sizes, { 'src/record/a.c': 'x;\n'.repeat(1001) }, 'src/record/a.c', 1000, /1001 lines/)
  breaks(source.sizes, { 'web/src/a.ts': 'a\n'.repeat(1001) }, 'web/src/a.ts', 1000, /1001 lines/)
})

test('heads and names', () => {
  keeps(source.heads, { 'src/record/a.c': HEAD })
  breaks(source.heads, { 'test/unit/test_a.c': '/* a */\n' }, 'test/unit/test_a.c', 1, /SPDX/)
  keeps(source.names, { 'src/record/database.c': '', 'web/src/parts/record-table.vue': '' })
  breaks(source.names, { 'web/src/utils/a.ts': '' }, 'web/src/utils/a.ts', 1, /utils/)
  breaks(source.names, { 'src/record/helper.c': '' }, 'src/record/helper.c', 1, /helper/)
})

const KIND = { 'definitions/fire.json': '{"kind":"fire","states":[{"state":"burning"}],"steps":[{"step":"put_out"}]}' }

test('words: no kind, step or state stands as a literal', () => {
  keeps(text.words, { ...KIND, 'src/record/a.c': '/* "fire" */ f("the fire"); int burning;\n#include "fire/fire.h"\n' })
  breaks(text.words, { ...KIND, 'src/record/a.c': '\nf("burning");\n' }, 'src/record/a.c', 2, /a state of definitions\/fire.json/)
  breaks(text.words, { ...KIND, 'web/src/a.ts': "if (a === 'put_out') b()\n" }, 'web/src/a.ts', 1, /a step/)
  breaks(text.words, { ...KIND, 'web/src/a.vue': '<template>\n<p v-if="a === \'fire\'" />\n</template>\n' }, 'web/src/a.vue', 2, /the kind/)
  keeps(text.words, { ...KIND, 'web/src/a.vue': '<template><p class="fire" /></template>\n' })
})

test('words: the list gives a reason for each and holds no more than is needed', () => {
  const used = { 'src/record/a.c': 'f("fire");\n' }
  keeps(text.words, { ...KIND, ...used, 'script/check-words.txt': 'fire  also a role\n' })
  breaks(text.words, { ...KIND, ...used, 'script/check-words.txt': '# a\nfire\n' }, 'script/check-words.txt', 2, /no reason/)
  breaks(text.words, { ...KIND, 'script/check-words.txt': 'fire  also a role\n' }, 'script/check-words.txt', 1, /nothing needs it/)
})

test('json: it parses and no key stands twice', () => {
  keeps(text.json, { 'demo/a.json': '{"a":{"b":1},"c":[{"b":1},{"b":"a: {"}]}', 'demo/b.jsonl': '{"a":1}\n{"a":2}\n' })
  breaks(text.json, { 'demo/a.json': '{"a":1,\n"b":{"c":1,\n"\\u0063":2}}' }, 'demo/a.json', 3, /"c" stands twice/)
  breaks(text.json, { 'standards/a.json': '{"a":1,}' }, 'standards/a.json', 1, /JSON/)
  breaks(text.json, { 'demo/b.jsonl': '{"a":1}\n{"a":2,"a":3}\n' }, 'demo/b.jsonl', 2, /"a" stands twice/)
})

test('machine: no path of one machine, no host of a registry', () => {
  keeps(text.machine, { 'docs/a.md': 'a workshop, network/paths\n' })
  breaks(text.machine, { 'docs/a.md': `\ncd ${'/wo'}rk/main\n` }, 'docs/a.md', 2, /one machine/)
  breaks(text.machine, { 'web/package-lock.json': `"https://registry.npm${'js'}.org/a"\n` }, 'web/package-lock.json', 1, /one machine/)
})

test('reached: what lies under test/ is run, or named by what is run', () => {
  keeps(text.reached, { 'test/unit/test_a.c': '"test/kept/one.db"', 'test/kept/one.db': '', 'test/api/a.test.mjs': "from './server.mjs'", 'test/api/server.mjs': '' })
  breaks(text.reached, { 'test/api/forgotten.mjs': '' }, 'test/api/forgotten.mjs', 1, /no runner/)
  breaks(text.reached, { 'test/api/deeper/a.test.mjs': '' }, 'test/api/deeper/a.test.mjs', 1, /no runner/)
})

test('unfinished: no mark of work left over, no test left out', () => {
  keeps(text.unfinished, { 'src/record/a.c': '/* METHODO */\n', 'test/api/a.test.mjs': "test('a', () => {})\n" })
  breaks(text.unfinished, { 'src/record/a.c': `\n/* TO${'DO'}: */\n` }, 'src/record/a.c', 2, /unfinished/)
  breaks(text.unfinished, { 'test/api/a.test.mjs': `test.sk${'ip'}('a')\n` }, 'test/api/a.test.mjs', 1, /unfinished/)
})

test('links: every link and path of the docs is there', () => {
  keeps(text.links, { 'docs/a.md': '[b](b.md#c) [d](../src/FLOORS) [e](https://example.org) `src/<room>/*.c` `docs/b.md`\n', 'docs/b.md': '' })
  breaks(text.links, { 'docs/a.md': '\n[b](c.md)\n' }, 'docs/a.md', 2, /c.md leads nowhere/)
  breaks(text.links, { 'README.md': 'see `docs/gone.md`.\n' }, 'README.md', 1, /docs\/gone.md is not in the tree/)
})
