/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/types.ts - the shapes of the server's answers, as docs/api.md states them.
 */
import type { Fields, Title } from '../base/value'

/** The subset of JSON Schema 2020-12 that definitions may use, with Zhiben's marks. */
export interface Schema {
  type?: string | string[]
  title?: Title
  description?: Title
  enum?: unknown[]
  const?: unknown
  format?: string
  minLength?: number
  maxLength?: number
  pattern?: string
  minimum?: number
  maximum?: number
  multipleOf?: number
  items?: Schema
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  properties?: Record<string, Schema>
  required?: string[]
  default?: unknown
  if?: Schema
  then?: Schema
  else?: Schema
  'x-field'?: string
  'x-from'?: string
  'x-titles'?: Record<string, Title>
  'x-value'?: unknown
  readOnly?: boolean
  'x-index'?: boolean
  'x-private'?: unknown
  'x-chips'?: number[]
}

export interface ShowEntry {
  to: string
  title?: Title
  fields?: string[]
  if?: unknown
  /** Of a paper: the unit it is of (a field, or the owner), its lines to sign, what it always says. */
  by?: string
  signs?: Title[]
  says?: Title[]
}

export interface StateEntry {
  state: string
  title: Title
  final?: boolean
}

export interface StepEntry {
  step: string
  title: Title
  from?: string[]
  to?: string
  ask?: string[]
  fields?: Schema
  /** The condition of the step, of the creating one only. */
  if?: unknown
  /** Of the creating step: what must hold for one alternative open to a role of mine. */
  may?: { if?: unknown; same?: string }[]
}

export interface FigureEntry {
  figure: string
  title: Title
  kind?: string
  kind_title?: Title
  /** What it counts, in words. */
  rule?: Title
  /** stock: how many now; flow: how many in a time; ratio. */
  sort?: string
  /** Of a ratio: the figures it is a ratio of. */
  a?: string
  b?: string
  by?: string[]
  dimensions?: string[]
}

export interface Kind {
  kind: string
  version: number
  title: Title
  can_create?: boolean
  show?: ShowEntry[]
  fields: Schema
  states: StateEntry[]
  steps: StepEntry[]
  clocks?: { clock: string; title?: Title }[]
  figures?: FigureEntry[]
  /** Records of this kind are the act by which an old ledger comes in: its steps and fields by name. */
  carries?: {
    /** The steps of the two: who prepares, who confirms. */
    by: string[]
    into: string
    rows: string
    taken: string
    refused: string
    left: string
  } | null
}

export type Names = Record<string, string>

export interface ClockNow {
  clock: string
  title?: Title
  due: string | null
  late?: number | boolean
  provisional?: boolean
}

export interface LinkNow {
  field: string
  kind: string
  id: string
  number?: string | null
  title?: Title
  state_title?: Title
}

export interface RecordNow {
  id: string
  /** How often an opened figure counts it, where that is more than once. */
  times?: number
  number: string | null
  kind: string
  place: string | null
  line: string | null
  line_title?: Title
  responsible_unit: string | null
  desk: string | null
  state: string
  state_title?: Title
  level: string | null
  level_title?: Title
  cycle: number
  due: string | null
  title: string | null
  fields: Fields
  revision: number | string
  created_at: string
  closed_at: string | null
  names?: Names
  clocks?: ClockNow[]
  links?: LinkNow[]
}

export interface Page<T> {
  items: T[]
  next: string | null
  total: number | string
  figure?: OpenedFigure
}

/** A figure's cell whose records a list shows. */
export interface OpenedFigure {
  figure: string
  title: Title
  rule?: Title
  place: string
  line_title?: Title
  value: number
  /** How much the cell counts beyond what the reader sees; null where that was not counted. */
  beyond: number | null
}

export interface EventNow {
  seq: number
  at: string
  actor: string | null
  actor_name?: string | null
  post?: string | null
  post_title?: Title
  unit?: string | null
  unit_name?: string | null
  step: string
  step_title?: Title
  from: string | null
  to: string | null
  fields: Fields
  comment?: string | null
  names?: Names
}

export interface StepNow {
  step: string
  title: Title
  to: string | null
  fields?: Schema
  if?: unknown
  open?: boolean
  reasons?: { pointer: string; detail: string }[]
}

export interface PostNow {
  post: string
  unit: string
  role: string
  place: string
  title?: Title
  unit_name?: string
  place_name?: string
}

export interface Me {
  account: string
  person: string
  name: string
  demo?: boolean
  figures?: boolean
  posts: PostNow[]
  home?: { owe?: number; verify?: number; lapse?: number }
}

export interface Place {
  code: string
  name: string
  parent?: string | null
  full_name?: string
  level?: string | number
}

export interface Unit {
  id: string
  name: string
  place?: string | null
  place_name?: string
  line?: string | null
  line_title?: Title
  credit_code?: string | null
  [more: string]: unknown
}

export interface Person {
  id: string
  name: string
  unit?: string
  unit_name?: string
  posts?: PostNow[]
  certificates?: { kind: string; number: string; until?: string }[]
}

export interface Roll<T> {
  items: T[]
  next: string | null
}

export interface SignInKept {
  at: string
  account: string
  person: string
  name: string | null
  address: string
  sort: 'session' | 'token'
  held: boolean
}

export interface Grant {
  grant: 'post' | 'tie' | 'lent'
  unit: string | null
  unit_name: string | null
  person: string | null
  name: string | null
  role?: string
  title?: Title
  other?: string | null
  other_name?: string | null
  as?: string
  lender?: string
  from: string | null
  to: string | null
}

export interface AccountKept {
  account: string
  person: string
  name: string | null
  posts: PostNow[]
  made_at: string
  closed_at: string | null
  signed_in_at: string | null
}

export interface StoredFile {
  digest: string
  media_type: string
  size: number
  flags?: string[]
}

/** Against an earlier period: a count's change is a number, a ratio's a text. */
export interface FigureChange {
  value: number | string
  change: number | string
  percent?: string
}

export interface SeriesValue {
  value: string | null
  year: FigureChange | null
  previous: FigureChange | null
  /** Where its period is not known: against the point before it. */
  point_before?: FigureChange | null
  turn?: string
  rebound?: boolean
  above_average?: boolean
}

export interface SeriesPoint {
  period: string | null
  label?: Title
  derived?: boolean
  values: Record<string, SeriesValue>
}

export interface Series {
  series: string
  title: Title
  edition: string
  source: Title
  confidence: string
  to_check: boolean
  period: string
  lines: { line: string; title: Title; unit?: string }[]
  points?: SeriesPoint[]
}

export interface FigureAnswer {
  rule?: Title
  /** The place asked for, whose rows the cells are. */
  place?: string
  cells: Fields[]
  unit?: string
  names?: Names
}
