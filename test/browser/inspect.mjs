// SPDX-License-Identifier: Apache-2.0
// What is wrong with a page as it stands before a person: a list of short sentences, empty when
// nothing is. `inspect` is carried into the page, so it names nothing outside itself.
//
// It looks for: sideways scroll; words that are cut, that leave the window, or that lie over other
// words; and words no person should meet (keys of the language file, `undefined`, `NaN`, bare ids).

export function inspect() {
  const found = []
  const say = (what, words) => found.push(`${what}: ${String(words).replace(/\s+/g, ' ').trim().slice(0, 90)}`)
  const root = document.documentElement
  const wide = window.innerWidth
  if (root.scrollWidth > wide) say('scrolls sideways', `${root.scrollWidth} > ${wide}`)

  const styles = new Map()
  const styleOf = (e) => {
    if (!styles.has(e)) styles.set(e, getComputedStyle(e))
    return styles.get(e)
  }
  const above = (e, holds) => {
    for (let at = e; at && at !== root; at = at.parentElement) if (holds(at)) return at
    return null
  }
  const hidden = new Map()
  const unseen = (e) => {
    if (!hidden.has(e)) {
      const shown = e.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true })
      hidden.set(e, !shown || above(e, (at) => styleOf(at).clipPath !== 'none' || at.matches('.skip:not(:focus)')))
    }
    return hidden.get(e)
  }
  // What floats lies over the page on purpose; it is compared with what floats with it alone.
  const layer = (e) => above(e, (at) => ['fixed', 'sticky', 'absolute'].includes(styleOf(at).position))
  // The nearest box around that does not let its content stand out.
  const room = (e) => above(e, (at) => styleOf(at).overflow !== 'visible')

  const words = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const text = node.nodeValue.trim()
    const e = node.parentElement
    if (!text || /^(script|style|noscript)$/i.test(e.tagName) || unseen(e)) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const boxes = [...range.getClientRects()].filter((b) => b.width > 1 && b.height > 1)
    if (boxes.length) words.push({ e, text, boxes, layer: layer(e) })
  }

  for (const { e, text, boxes } of words) {
    const right = Math.max(...boxes.map((b) => b.right))
    const left = Math.min(...boxes.map((b) => b.left))
    const around = room(e)
    if (!around) {
      if (right > wide + 1 || left < -1) say('leaves the window', text)
      continue
    }
    // Cut words are fair where they can be scrolled to, or had whole elsewhere (title).
    if (/auto|scroll/.test(styleOf(around).overflow)) continue
    if (above(e, (at) => at.title && at.title.includes(text.slice(0, 8)))) continue
    const box = around.getBoundingClientRect()
    const low = Math.max(...boxes.map((b) => b.bottom))
    if (right > box.right + 2 || left < box.left - 2) say('cut at the side', text)
    else if (low > box.bottom + 4) say('cut below', text)
  }

  // Words over words: line boxes that share more than a sliver.
  const inSight = ({ e, boxes }) => {
    let kept = boxes
    for (let at = room(e); at; at = at.parentElement && room(at.parentElement)) {
      const box = at.getBoundingClientRect()
      kept = kept.filter((b) => b.top < box.bottom - 2 && b.bottom > box.top + 2 && b.left < box.right && b.right > box.left)
    }
    return kept
  }
  const lines = words.flatMap((w) => inSight(w).map((b) => ({ ...w, b }))).sort((x, y) => x.b.top - y.b.top)
  for (let i = 0; i < lines.length; i++) {
    const x = lines[i]
    for (let k = i + 1; k < lines.length && lines[k].b.top < x.b.bottom - 4; k++) {
      const y = lines[k]
      if (x.e === y.e || x.layer !== y.layer) continue
      const across = Math.min(x.b.right, y.b.right) - Math.max(x.b.left, y.b.left)
      const down = Math.min(x.b.bottom, y.b.bottom) - y.b.top
      if (across > 3 && down > Math.min(x.b.height, y.b.height) * 0.4) say('lies over', `${x.text} / ${y.text}`)
    }
  }

  const said = [
    ...words.map((w) => w.text),
    ...[...document.querySelectorAll('[placeholder],[title],[aria-label],img[alt]')].flatMap((e) =>
      unseen(e) ? [] : [e.getAttribute('placeholder'), e.title, e.getAttribute('aria-label'), e.getAttribute('alt')]),
    ...[...document.querySelectorAll('input:not([type=password]),textarea')].map((e) => (unseen(e) ? '' : e.value)),
    document.title,
  ].filter(Boolean)
  const rooms = 'page|post|home|duty|column|due|list|record|flow|history|step|form|field|invalid|figures|places|unit|print|problem'
  const bad = [
    [/\bundefined\b|\bNaN\b|\[object|\bnull\b|\bInvalid Date\b/, 'machine words'],
    [new RegExp(`\\b(?:${rooms})\\.[a-z_0-9]+`), 'a key of the language file'],
    [/\b[a-z]+_[a-z_]+\b/, 'a raw name'],
    [/\b[up]\d{6,}\b/, 'a bare id'],
    [/\b0[0-9A-HJKMNP-TV-Z]{15}\b/, 'a bare id'],
    [/\b[0-9a-f]{32,}\b/, 'a bare digest'],
  ]
  for (const text of said) for (const [pattern, what] of bad) if (pattern.test(text)) say(what, text)
  return [...new Set(found)]
}
