/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields/language.ts - Element Plus's own words. Apart from adapter.ts, so that the frame does
 * not carry every input with it.
 */
export { ElConfigProvider } from 'element-plus/es/components/config-provider/index'
