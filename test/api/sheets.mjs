// SPDX-License-Identifier: Apache-2.0
// Workbooks as a person's spreadsheet program reads and writes them, as far as the tests need.
//
//   rowsOf(bytes)  → the first sheet: [[text, …], …], empty cells ''
//   partOf(bytes, 'xl/workbook.xml') → its text
//   bookOf([[text, …], …]) → bytes of a workbook with one sheet of texts
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const DEFLATED = 8

export function partOf(bytes, path) {
  const file = Buffer.from(bytes)
  let at = file.readUInt32LE(file.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1')) + 16)
  while (file.readUInt32LE(at) === CENTRAL) {
    const [packed, name, extra, comment] = [file.readUInt32LE(at + 20), file.readUInt16LE(at + 28), file.readUInt16LE(at + 30), file.readUInt16LE(at + 32)]
    if (file.toString('utf8', at + 46, at + 46 + name) === path) {
      const local = file.readUInt32LE(at + 42)
      const from = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28)
      const body = file.subarray(from, from + packed)
      return (file.readUInt16LE(at + 10) === DEFLATED ? inflateRawSync(body) : body).toString('utf8')
    }
    at += 46 + name + extra + comment
  }
  return null
}

const plain = (s) => s.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&amp;/g, '&')
const safe = (s) => String(s).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
const column = (letters) => [...letters].reduce((n, c) => n * 26 + c.charCodeAt(0) - 64, 0) - 1

export function rowsOf(bytes) {
  const sheet = partOf(bytes, 'xl/worksheets/sheet1.xml')
  return [...sheet.matchAll(/<row [^>]*>(.*?)<\/row>/gs)].map(([, inside]) => {
    const row = []
    for (const [, letters, , cell] of inside.matchAll(/<c r="([A-Z]+)\d+"([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      const text = /<t[^>]*>(.*?)<\/t>/s.exec(cell ?? '')?.[1] ?? /<v>(.*?)<\/v>/.exec(cell ?? '')?.[1] ?? ''
      row[column(letters)] = plain(text)
    }
    return Array.from(row, (cell) => cell ?? '')
  })
}

function letters(n) {
  return n < 26 ? String.fromCharCode(65 + n) : letters(Math.floor(n / 26) - 1) + letters(n % 26)
}

function zip(parts) {
  const bodies = []
  const heads = []
  let at = 0
  for (const [name, text] of Object.entries(parts)) {
    const [path, raw] = [Buffer.from(name), Buffer.from(text)]
    const packed = deflateRawSync(raw)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(DEFLATED, 4)
    common.writeUInt32LE(crc32(raw), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(raw.length, 18)
    common.writeUInt16LE(path.length, 22)
    const [local, central] = [Buffer.alloc(4), Buffer.alloc(46)]
    local.writeUInt32LE(LOCAL)
    central.writeUInt32LE(CENTRAL)
    central.writeUInt16LE(20, 4)
    common.copy(central, 6)
    central.writeUInt32LE(at, 42)
    bodies.push(local, common, path, packed)
    heads.push(central, path)
    at += 30 + path.length + packed.length
  }
  const directory = Buffer.concat(heads)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(END)
  end.writeUInt16LE(Object.keys(parts).length, 8)
  end.writeUInt16LE(Object.keys(parts).length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...bodies, directory, end])
}

export function bookOf(rows) {
  const cells = rows.map((row, y) => `<row r="${y + 1}">${row.map((text, x) =>
    text === '' || text === undefined ? '' : `<c r="${letters(x)}${y + 1}" t="inlineStr"><is><t xml:space="preserve">${safe(text)}</t></is></c>`).join('')}</row>`).join('')
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  return zip({
    '[Content_Types].xml': '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
    '_rels/.rels': `<Relationships><Relationship Id="r1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns:r="${relations}"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="r1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${cells}</sheetData></worksheet>`,
  })
}
