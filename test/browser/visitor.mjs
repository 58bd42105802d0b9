// SPDX-License-Identifier: Apache-2.0
// A person at the pages: one browser, one window of one size, one account.
//
//   const browser = await open(); const v = await visit(browser, base, SIZES[0]); await v.signIn('bureau', SECRET)
//
// Everything the window complains of (console errors, failed requests, answers of 4xx and 5xx that
// were not expected) is kept in `complaints`, and `clean` finds it together with what `inspect` sees.
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { inspect } from './inspect.mjs'

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const SCREENS = process.env.ZHIBEN_SCREENS
const QUALITY = 60
const LARGEST = 150_000
const PATIENCE = 15_000

export const SIZES = [
  { name: '360', width: 360, height: 780 },
  { name: '1920', width: 1920, height: 1080 },
]

export function open() {
  return chromium.launch({
    executablePath: process.env.ZHIBEN_BROWSER ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

class Visitor {
  complaints = []
  #flying = 0
  #allowed = []

  constructor(context, page, base, size) {
    Object.assign(this, { context, page, base, size })
    page.setDefaultTimeout(PATIENCE)
    page.on('console', (m) => {
      // A refused request is told by its status below, where it can be expected.
      if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) this.complaints.push(`console: ${m.text()}`)
      if (m.type() === 'warning' && /\[Vue|\[intlify/.test(m.text())) this.complaints.push(`console: ${m.text()}`)
    })
    page.on('pageerror', (e) => this.complaints.push(`error: ${e.message}`))
    page.on('request', () => { this.#flying += 1 })
    page.on('requestfinished', () => { this.#flying -= 1 })
    page.on('requestfailed', (r) => {
      this.#flying -= 1
      if (r.failure()?.errorText !== 'net::ERR_ABORTED') this.complaints.push(`failed: ${r.method()} ${r.url()}`)
    })
    page.on('response', (r) => {
      if (r.status() < 400) return
      const line = `${r.status()} ${r.request().method()} ${new URL(r.url()).pathname}`
      if (!this.#allowed.some((pattern) => pattern.test(line))) this.complaints.push(`answered ${line}`)
    })
  }

  /** Answers like this one are provoked on purpose. */
  expecting(pattern) {
    this.#allowed.push(pattern)
  }

  /** Waits until nothing is asked any more and nothing says that it waits. */
  async settle() {
    const quiet = () => !document.querySelector('.waiting, [aria-busy=true], .busy')
    for (;;) {
      await this.page.waitForFunction(quiet)
      // Two frames: what an answer set off has been asked for by then.
      await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
      if (this.#flying === 0 && await this.page.evaluate(quiet)) return
      await this.page.evaluate(() => new Promise((done) => setTimeout(done, 20)))
    }
  }

  async resize(size) {
    this.size = size
    await this.page.setViewportSize({ width: size.width, height: size.height })
  }

  async go(path) {
    await this.page.goto(this.base + path)
    await this.settle()
  }

  async signIn(account, secret) {
    await this.go('/sign-in')
    await this.page.locator('input[name=account]').fill(account)
    await this.page.locator('input[name=password]').fill(secret)
    await this.page.locator('button[type=submit]').click()
    await this.page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
    await this.settle()
    this.account = account
  }

  /** What is wrong here and what was complained of so far. */
  async faults() {
    await this.settle()
    const faults = [...this.complaints.splice(0), ...await this.page.evaluate(inspect)]
    return faults.map((f) => `${this.account ?? 'nobody'} ${this.size.name} ${new URL(this.page.url()).pathname}: ${f}`)
  }

  async clean() {
    assert.deepEqual(await this.faults(), [])
  }

  /** A picture for docs/screens, where it is asked for; below its largest size. */
  async picture(name, { whole = false } = {}) {
    await this.clean()
    if (!SCREENS) return
    const at = SCREENS === '1' ? join(TOP, 'docs/screens') : SCREENS
    await mkdir(at, { recursive: true })
    let bytes
    for (let quality = QUALITY; quality >= 10; quality -= 10) {
      bytes = await this.page.screenshot({ type: 'jpeg', quality, fullPage: whole, animations: 'disabled' })
      if (bytes.length < LARGEST) break
    }
    await writeFile(join(at, `${name}-${this.size.name}.jpg`), bytes)
  }

  /** Where one stands and what the page says is wrong, for the words of a failure. */
  async circumstances() {
    const said = await this.page.locator('[role=alert]').allInnerTexts().catch(() => [])
    if (process.env.ZHIBEN_FAILED) await this.page.screenshot({ path: process.env.ZHIBEN_FAILED }).catch(() => {})
    return `\n  ${this.account} ${this.size.name} at ${this.page.url()}: ${[...said, ...this.complaints].join(' | ')}`
  }

  // ---- hands: fields by the name they have in the definition, inside a form, a sheet or a row ----

  field(name, inside = this.page.locator('form').last()) {
    return inside.locator(`[data-field=${name}]`).first()
  }

  async write(name, words, inside) {
    await this.field(name, inside).locator('input,textarea').first().fill(words)
  }

  /** A button among a field's choices, by its words. */
  async press(name, words, inside) {
    await this.field(name, inside).getByText(words, { exact: true }).and(this.page.locator('button.chip')).click()
  }

  /** One or several things found by typing, or the one among a few buttons. */
  async choose(name, words, inside) {
    const field = this.field(name, inside)
    await field.waitFor()
    if (await field.locator('button.chip').count()) {
      const chip = field.getByText(words, { exact: true }).and(this.page.locator('button.chip'))
      if (await chip.getAttribute('aria-checked') !== 'true') await chip.click()
      return
    }
    const list = this.page.locator('.el-select-dropdown:visible')
    await field.locator('.el-select__wrapper').click()
    for (const each of [words].flat()) {
      await field.locator('input').first().fill(each)
      await list.locator('.el-select-dropdown__item').filter({ hasText: each }).first().click()
    }
    // A list of one choice closes by itself.
    if (Array.isArray(words)) {
      await field.locator('input').first().fill('')
      await field.locator('input').first().press('Escape')
    }
    await list.waitFor({ state: 'hidden' })
  }

  async attach(name, files, inside) {
    const field = this.field(name, inside)
    const had = await field.locator('.files-list li').count()
    await field.locator('input[type=file]').setInputFiles(
      [files].flat().map((buffer, i) => ({ name: `photo-${i + 1}.png`, mimeType: 'image/png', buffer })))
    await field.locator('.files-list li').nth(had + [files].flat().length - 1).waitFor()
  }

  /** Opens a step of the record in sight, lets `fill` fill its sheet, sends it; the state reached. */
  async step(name, fill) {
    await this.page.locator(`.acts button[data-step=${name}]`).click()
    const sheet = this.page.locator(`form[data-step=${name}]`)
    await sheet.waitFor()
    await fill?.(sheet)
    await this.clean()
    await sheet.locator('button[type=submit]').click()
    await sheet.waitFor({ state: 'detached' })
    return this.state()
  }

  async state() {
    await this.settle()
    return this.page.locator('.state[data-state]').getAttribute('data-state')
  }

  /** Sends the form of a new record; the address of the record it made. */
  async send() {
    await this.clean()
    await this.page.locator('form button[type=submit].first').click()
    await this.page.waitForURL(/\/record\//)
    await this.settle()
    return new URL(this.page.url()).pathname
  }

  /** How many sheets the page in sight prints. */
  async sheets() {
    const pdf = (await this.page.pdf({ preferCSSPageSize: true })).toString('latin1')
    return (pdf.match(/\/Type\s*\/Page[^s]/g) ?? []).length
  }

  async leave() {
    await this.context.close()
  }
}

export async function visit(browser, base, size) {
  const context = await browser.newContext({
    viewport: { width: size.width, height: size.height },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
    isMobile: false,
  })
  const page = await context.newPage()
  return new Visitor(context, page, base, size)
}
