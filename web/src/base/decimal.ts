/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/decimal.ts - exact decimal numbers, as the server has them (src/base/decimal.h): at most 38
 * digits, of them at most 18 after the point; a quotient keeps 12, rounded half to even.
 *
 * Knows: whole numbers scaled by a power of ten.
 * Does not know: units, formats, what a number counts.
 */
export interface Decimal {
  units: bigint
  places: number
}

const PLACES_MAX = 18
const QUOTIENT_PLACES = 12
const TOO_LARGE = 10n ** 38n
const SAFE = BigInt(Number.MAX_SAFE_INTEGER)

const tenTo = (n: number): bigint => 10n ** BigInt(n)
const abs = (n: bigint): bigint => (n < 0n ? -n : n)

/* Without trailing zeros; null where it needs too many digits. */
function bounded(units: bigint, places: number): Decimal | null {
  if (abs(units) >= TOO_LARGE) return null
  while (places > 0 && units % 10n === 0n) {
    units /= 10n
    places--
  }
  return { units, places }
}

/** A text as standards write numbers, `-?digits(.digits)?`; null for any other. */
export function readDecimal(text: string): Decimal | null {
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!found) return null
  const [, sign = '', whole = '', part = ''] = found
  if (whole.length + part.length > 38 || part.length > PLACES_MAX) return null
  return { units: BigInt(sign + whole + part), places: part.length }
}

/** The shortest decimal that reads back as this number; null where it is too large or too fine. */
export function decimalOf(n: number): Decimal | null {
  const found = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(Number.isFinite(n) ? n.toExponential() : '')
  if (!found) return null
  const [, sign = '', first = '', rest = '', exponent = ''] = found
  const places = rest.length - Number(exponent)
  const digits = BigInt(sign + first + rest)
  if (Number(exponent) >= 38 || places > PLACES_MAX) return null
  return places < 0 ? bounded(digits * tenTo(-places), 0) : bounded(digits, places)
}

/* Both in the units of the finer one. */
function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const places = Math.max(a.places, b.places)
  return [a.units * tenTo(places - a.places), b.units * tenTo(places - b.places), places]
}

export function compare(a: Decimal, b: Decimal): number {
  const [x, y] = aligned(a, b)
  return x < y ? -1 : x > y ? 1 : 0
}

export function add(a: Decimal, b: Decimal): Decimal | null {
  const [x, y, places] = aligned(a, b)
  return bounded(x + y, places)
}

export function subtract(a: Decimal, b: Decimal): Decimal | null {
  return add(a, { units: -b.units, places: b.places })
}

/* A quotient of whole numbers, half to even. */
function rounded(units: bigint, divisor: bigint): bigint {
  const [n, d] = [abs(units), abs(divisor)]
  const [whole, twice] = [n / d, (n % d) * 2n]
  const up = twice > d || (twice === d && whole % 2n === 1n)
  return (units < 0n === divisor < 0n ? 1n : -1n) * (whole + (up ? 1n : 0n))
}

export function multiply(a: Decimal, b: Decimal): Decimal | null {
  const places = a.places + b.places
  const units = a.units * b.units
  return places > PLACES_MAX
    ? bounded(rounded(units, tenTo(places - PLACES_MAX)), PLACES_MAX)
    : bounded(units, places)
}

export function divide(a: Decimal, b: Decimal): Decimal | null {
  if (b.units === 0n) return null
  const shift = QUOTIENT_PLACES + b.places - a.places
  const units = a.units * tenTo(Math.max(shift, 0))
  return bounded(rounded(units, b.units * tenTo(Math.max(-shift, 0))), QUOTIENT_PLACES)
}

export function modulo(a: Decimal, b: Decimal): Decimal | null {
  if (b.units === 0n) return null
  const [x, y, places] = aligned(a, b)
  return bounded(x % y, places)
}

/** Without trailing zeros after the point: "1200.5". */
export function decimalText({ units, places }: Decimal): string {
  const at = bounded(units, places) ?? { units, places }
  const digits = abs(at.units).toString().padStart(at.places + 1, '0')
  const cut = digits.length - at.places
  return `${at.units < 0n ? '-' : ''}${digits.slice(0, cut)}${at.places ? `.${digits.slice(cut)}` : ''}`
}

/** A number where it is whole and safe, else its text: as it travels. */
export function decimalValue(d: Decimal): number | string {
  const at = bounded(d.units, d.places) ?? d
  return at.places === 0 && abs(at.units) <= SAFE ? Number(at.units) : decimalText(at)
}
