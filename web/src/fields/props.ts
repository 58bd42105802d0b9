/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields/props.ts - what every field's edit and show component is given.
 */
import type { Names, Schema } from '../api/types'
import type { Fields, Refusal } from '../base/value'

export interface EditProps {
  id: string
  schema: Schema
  modelValue: unknown
  label: string
  refusals: Refusal[]
  names: Names
  /** The other fields of the form, for routes and conditions that read them. */
  context: Fields
}

export interface ShowProps {
  schema: Schema
  value: unknown
  names: Names
}
