/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields/adapter.ts - Element Plus's inputs; with language.ts the only files that name that
 * library. What is imported here is what the pages carry.
 */
import 'element-plus/es/components/date-picker/style/css'
import 'element-plus/es/components/drawer/style/css'
import 'element-plus/es/components/input/style/css'
import 'element-plus/es/components/option/style/css'
import 'element-plus/es/components/select/style/css'

export { ElDatePicker } from 'element-plus/es/components/date-picker/index'
export { ElDrawer } from 'element-plus/es/components/drawer/index'
export { ElInput } from 'element-plus/es/components/input/index'
export { ElOption, ElSelect } from 'element-plus/es/components/select/index'
