/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields/registry.ts - how each sort of field is read. Its twin edits.ts says how it is written;
 * they are apart so that a page that only shows does not carry the inputs. A new sort is a folder
 * and a line in each; what no line knows is shown raw and never crashes a page.
 */
import type { Component } from 'vue'
import FilesShow from './files/show.vue'
import PickShow from './pick/show.vue'
import RowsShow from './rows/show.vue'
import type { Sort } from './sort'
import TextShow from './text/show.vue'

export const shows: Record<Sort, Component> = {
  text: TextShow,
  texts: TextShow,
  number: TextShow,
  decimal: TextShow,
  date: TextShow,
  instant: TextShow,
  choice: TextShow,
  choices: TextShow,
  flag: TextShow,
  pick: PickShow,
  picks: PickShow,
  files: FilesShow,
  rows: RowsShow,
  group: RowsShow,
  raw: TextShow,
}
