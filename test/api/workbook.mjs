// SPDX-License-Identifier: Apache-2.0
// A workbook as a person's Excel might leave it, and an old ledger of two years made from a seed.
import { deflateRawSync, crc32 } from 'node:zlib'

const escape = (text) => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

function column(n) {
  let name = ''
  for (let i = n + 1; i > 0; i = Math.floor((i - 1) / 26)) name = String.fromCharCode(65 + ((i - 1) % 26)) + name
  return name
}

/** Texts stand in the cell, numbers as numbers; {date: serial} is one whose style says it is a date. */
function cell(value, where) {
  if (value === '' || value === null || value === undefined) return ''
  if (typeof value === 'number') return `<c r="${where}"><v>${value}</v></c>`
  if (typeof value === 'object') return `<c r="${where}" s="1"><v>${value.date}</v></c>`
  return `<c r="${where}" t="inlineStr"><is><t xml:space="preserve">${escape(value)}</t></is></c>`
}

function zip(files) {
  const parts = []
  const entries = []
  let at = 0
  for (const [name, text] of files) {
    const raw = Buffer.from(text)
    const packed = deflateRawSync(raw, { level: 1 })
    const head = Buffer.alloc(30)
    const title = Buffer.from(name)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(20, 4)
    head.writeUInt16LE(8, 8)
    head.writeUInt16LE(33, 12)
    head.writeUInt32LE(crc32(raw), 14)
    head.writeUInt32LE(packed.length, 18)
    head.writeUInt32LE(raw.length, 22)
    head.writeUInt16LE(title.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(20, 4)
    head.copy(entry, 6, 4, 30)
    entry.writeUInt32LE(at, 42)
    parts.push(head, title, packed)
    entries.push(entry, title)
    at += head.length + title.length + packed.length
  }
  const size = entries.reduce((sum, part) => sum + part.length, 0)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, ...entries, end])
}

/** The bytes of an XLSX of one sheet. */
export function workbook(rows) {
  const lines = rows.map((row, y) =>
    `<row r="${y + 1}">${row.map((value, x) => cell(value, `${column(x)}${y + 1}`)).join('')}</row>`)
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const packaged = 'http://schemas.openxmlformats.org/package/2006'
  const typed = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  return zip([
    ['[Content_Types].xml', `<?xml version="1.0"?><Types xmlns="${packaged}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${typed}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${typed}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${typed}.styles+xml"/></Types>`],
    ['_rels/.rels', `<?xml version="1.0"?><Relationships xmlns="${packaged}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
    ['xl/workbook.xml', `<?xml version="1.0"?><workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="隐患台账" sheetId="1" r:id="rId1"/></sheets></workbook>`],
    ['xl/_rels/workbook.xml.rels', `<?xml version="1.0"?><Relationships xmlns="${packaged}/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${office}/styles" Target="styles.xml"/></Relationships>`],
    ['xl/styles.xml', `<?xml version="1.0"?><styleSheet xmlns="${main}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`],
    ['xl/worksheets/sheet1.xml', `<?xml version="1.0"?><worksheet xmlns="${main}"><sheetData>${lines.join('')}</sheetData></worksheet>`],
  ])
}

/* ---- an old ledger ---- */

const HEADINGS = ['序号', '企业名称', '统一社会信用代码', '检查日期', '隐患部位', '存在问题', '隐患级别', '检查类型',
  '整改措施', '责任人', '整改时限', '整改状态', '整改完成时间', '复查人']
const SPOTS = ['一号车间', '配电房', '仓库东侧', '喷涂线', '危化品间', '食堂后厨', '除尘器旁']
const FAULTS = ['配电箱缺门，导线裸露', '疏散通道堆放纸箱', '灭火器压力不足未更换', '砂轮机防护罩缺失', '动火作业无审批单',
  '除尘管道积尘未清理', '安全出口锁闭', '气瓶无防倾倒装置']
const PEOPLE = ['王建', '李芳', '张伟', '刘洋', '陈静']
const EPOCH = 25569

function random(seed) {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
}

/** The shapes in which people write one day. */
function dated(day, shape) {
  const date = new Date(day * 86_400_000)
  const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  const two = (n) => String(n).padStart(2, '0')
  return [`${y}-${two(m)}-${two(d)}`, `${y}/${m}/${d}`, `${y}年${m}月${d}日`, `${y}.${m}.${d}`,
    { date: day + EPOCH }, day + EPOCH][shape]
}

/**
 * `count` rows over the two years before `until` (days since 1970), of units {name, credit_code}: nine in
 * ten done, one in ten open; `bad` of them cannot come in. The last two are rows, for a test that mends.
 */
export function oldLedger({ units, count, until, seed = 7, bad = 0 }) {
  const draw = random(seed)
  const rows = []
  const wrong = new Set()
  while (wrong.size < bad) wrong.add(draw(count))
  const told = { done: 0, open: 0, bad: 0, major: 0 }
  for (let i = 0; i < count; i++) {
    const unit = units[draw(units.length)]
    const found = until - 730 + Math.floor((i * 729) / count)
    const done = draw(10) > 0 && found < until - 3
    const major = draw(50) === 0
    const closed = Math.min(found + 1 + draw(20), until - 1)
    const row = [i + 1, unit.name, draw(2) ? unit.credit_code ?? '' : '', dated(found, draw(6)), SPOTS[draw(SPOTS.length)],
      FAULTS[draw(FAULTS.length)], major ? '重大隐患' : '一般隐患', draw(3) ? '行政检查' : '企业自查', '按要求立即整改到位',
      PEOPLE[draw(5)], dated(found + 15, draw(6)), done ? ['已整改', '已销号', '完成'][draw(3)] : '整改中',
      done ? dated(closed, draw(6)) : '', done ? PEOPLE[draw(5)] : '']
    if (wrong.has(i)) {
      told.bad += 1
      if (draw(3) === 0) row[3] = '24.3.5'
      else if (draw(2) === 0) { row[1] = '查无此厂'; row[2] = '' }
      else row[11] = '不详'
    } else {
      told[done ? 'done' : 'open'] += 1
      if (major) told.major += 1
    }
    rows.push(row)
  }
  return { headings: HEADINGS, rows, told }
}

/** The sheet as it is sent: a title above the headings. */
export function sheetOf({ headings, rows }) {
  return [['某区安全生产隐患排查治理台账'], headings, ...rows]
}
