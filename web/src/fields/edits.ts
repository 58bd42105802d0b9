/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields/edits.ts - how each sort of field is written; see registry.ts.
 */
import type { Component } from 'vue'
import ChoiceEdit from './choice/edit.vue'
import DateEdit from './date/edit.vue'
import FilesEdit from './files/edit.vue'
import FlagEdit from './flag/edit.vue'
import NumberEdit from './number/edit.vue'
import PickEdit from './pick/edit.vue'
import RawEdit from './raw/edit.vue'
import RowsEdit from './rows/edit.vue'
import GroupEdit from './rows/group.vue'
import type { Sort } from './sort'
import TextEdit from './text/edit.vue'
import TextsEdit from './text/many.vue'

export const edits: Record<Sort, Component> = {
  text: TextEdit,
  texts: TextsEdit,
  number: NumberEdit,
  decimal: NumberEdit,
  date: DateEdit,
  instant: DateEdit,
  choice: ChoiceEdit,
  choices: ChoiceEdit,
  flag: FlagEdit,
  pick: PickEdit,
  picks: PickEdit,
  files: FilesEdit,
  rows: RowsEdit,
  group: GroupEdit,
  raw: RawEdit,
}
