// SPDX-License-Identifier: Apache-2.0
// Synthetic records: hazards of the demonstration city written again under other ids over two years,
// four in five of them closed, with their visibility, fields, search text and figures. They have no
// events: lists, boards and searches read none. The limit's pages and boards are filled beside.
import { DatabaseSync } from 'node:sqlite'

const YEARS = 2
const DAY = 86_400_000

function draws(seed) {
  let x = BigInt(seed)
  return (below) => {
    x = (x * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn
    return Number((x >> 33n) % BigInt(below))
  }
}

/* Which template each new record repeats, and when it was born; older than every record there is. */
function draw(db, kind, n) {
  const all = db.prepare(`SELECT rid, closed IS NOT NULL AS closed FROM record_now WHERE kind = ? AND number IS NOT
    NULL AND sealed = 0`)
  all.setReadBigInts(true)
  const templates = all.all(kind)
  const closed = templates.filter((r) => r.closed)
  const open = templates.filter((r) => !r.closed)
  const first = db.prepare('SELECT min(rid) AS rid FROM record_now')
  first.setReadBigInts(true)
  const end = (first.get().rid >> 22n) - BigInt(DAY)
  const begin = end - BigInt(YEARS * 365 * DAY)
  const put = db.prepare('INSERT INTO copy VALUES (?, ?, ?, ?)')
  const random = draws(7)
  for (let i = 0; i < n; i++) {
    const from = random(5) ? closed : open
    const ms = begin + ((end - begin) * BigInt(i)) / BigInt(n)
    put.run((ms << 22n) | BigInt(random(1 << 22)), from[random(from.length)].rid, ms, i)
  }
}

const CELLS = `
  INSERT INTO rollup_cell (figure, node, line, dims, period, recorded_on, amount)
  SELECT d.figure, d.node, d.line, d.dims, CASE WHEN d.period = 0 THEN 0 ELSE d.period + c.shift END,
         d.day + c.shift, sum(d.amount * c.n)
  FROM (SELECT template, cast((ms - (SELECT born FROM record_now WHERE rid = template)) / ${DAY} AS INTEGER) AS shift,
          count(*) AS n FROM copy GROUP BY 1, 2) c
  JOIN moved d ON d.rid = c.template
  WHERE true GROUP BY 1, 2, 3, 4, 5, 6
  ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`

/*
 * A city whose every township has hazards of each state and level, and closures of each level and source
 * in each of 36 months, by their counters alone: the cells of its boards, whatever the number of records.
 */
const WIDE = [
  `CREATE TEMP TABLE of_level AS SELECT value AS level FROM json_each('["general", "major", null]')`,
  `CREATE TEMP TABLE township AS SELECT t.id, t.parent FROM org_place t WHERE t.level = 5 AND t.parent IN
     (SELECT id FROM org_place WHERE parent = (SELECT n FROM org_generation WHERE what = 'top'))`,
  `CREATE TEMP TABLE wide AS
     SELECT 'hazard_by_state' AS figure, 0 AS period, 20000 AS day, json_patch('{}',
       json_object('level', l.level, 'state', s.value ->> 'state')) AS dims
     FROM of_level l, record_definition d, json_each(d.body, '$.states') s WHERE d.kind = 'hazard'
       AND s.key < 10
     UNION ALL
     SELECT 'hazard_closed', 20000 - 30 * m.value, 20000, json_object('level', l.level, 'source', o.value)
     FROM of_level l, record_definition d, json_each(d.body, '$.fields.properties.source.enum') o,
       (WITH RECURSIVE m (value) AS (VALUES (0) UNION ALL SELECT value + 1 FROM m WHERE value < 35) SELECT value FROM m) m WHERE d.kind = 'hazard' AND l.level IS NOT NULL`,
  ...['id', 'parent'].map((node) => `
    INSERT INTO rollup_cell (node, figure, period, recorded_on, line, dims, amount)
    SELECT t.${node}, w.figure, w.period, w.day, 3, w.dims, 1 FROM township t, wide w WHERE true
    ON CONFLICT DO UPDATE SET amount = amount + 1`),
]

const ROWS = [
  `CREATE TEMP TABLE seen AS SELECT v.* FROM record_vis v WHERE v.rid IN (SELECT DISTINCT template FROM copy)`,
  `CREATE TEMP TABLE waits AS SELECT v.* FROM record_due_vis v WHERE v.rid IN (SELECT DISTINCT template FROM copy)`,
  `CREATE TEMP TABLE held AS SELECT f.* FROM record_field f WHERE f.rid IN (SELECT DISTINCT template FROM copy)`,
  `CREATE TEMP TABLE moved AS
    SELECT e.rid, f.value ->> 'figure' AS figure, node.value AS node, f.value ->> 'line' AS line,
      json_extract(f.value, '$.dims') AS dims, f.value ->> 'period' AS period, f.value ->> 'amount' AS amount,
      cast((e.at + 28800000) / ${DAY} AS INTEGER) AS day
    FROM chain_event e, json_each(cast(e.body AS TEXT), '$.outcome.figures') f, json_each(f.value, '$.nodes') node
    WHERE e.rid IN (SELECT DISTINCT template FROM copy)`,
  `CREATE INDEX temp.copy_template ON copy (template)`,
  `INSERT INTO record_now SELECT r.stream, c.rid, r.rev, r.kind, r.version, r.number || '-' || c.n, r.place, r.line,
     r.lines, r.unit, r.desk, r.state, r.level, r.cycle, c.ms, r.due, r.closed, r.sealed, r.title, r.fields,
     r.private, r.clocks, r.parties, r.seq
   FROM copy c JOIN record_now r ON r.rid = c.template ORDER BY c.rid`,
  `INSERT INTO record_vis SELECT v.key, v.facet, c.rid, v.stream, v.line FROM seen v JOIN copy c ON c.template = v.rid
   ORDER BY 1, 2, 3`,
  `INSERT INTO record_due_vis SELECT v.key, v.facet, v.due, c.rid, v.stream FROM waits v JOIN copy c ON
   c.template = v.rid ORDER BY 1, 2, 3, 4`,
  `INSERT INTO record_field SELECT f.kind, f.name, f.value, c.rid, f.stream FROM held f JOIN copy c ON
   c.template = f.rid ORDER BY 1, 2, 3, 4`,
  CELLS,
  ...WIDE,
  // The sums of these cells are made by the next folding, as after a migration.
  `DELETE FROM rollup_tree`,
  `INSERT INTO store_search_row (n, rid, stream, tokens) SELECT c.rid, c.rid, s.stream, s.tokens FROM copy c JOIN
   store_search_row s ON s.rid = c.template ORDER BY c.rid`,
  `INSERT INTO store_search (rowid, tokens) SELECT n, tokens FROM store_search_row WHERE n IN
   (SELECT rid FROM copy) ORDER BY n`,
]

export function fill(file, n) {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000; PRAGMA temp_store=FILE; BEGIN')
  db.exec('CREATE TEMP TABLE copy (rid INTEGER PRIMARY KEY, template INTEGER, ms INTEGER, n INTEGER)')
  const { id } = db.prepare("SELECT id FROM record_definition WHERE kind = 'hazard' ORDER BY version DESC").get()
  draw(db, id, n)
  for (const sql of ROWS) db.exec(sql)
  db.exec('COMMIT; PRAGMA synchronous=FULL; PRAGMA wal_checkpoint(TRUNCATE);')
  db.close()
}
