/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts/flow.ts - lays a definition's states and steps out as a picture.
 *
 * States stand in columns by how many steps lead there at least; within a column those on the
 * path taken come first, so that the path runs along the top.
 */
import type { EventNow, Kind } from '../api/types'

export interface FlowNode {
  state: string
  column: number
  row: number
  taken: boolean
  now: boolean
  final: boolean
}

export interface FlowEdge {
  from: string
  to: string
  steps: string[]
  taken: boolean
  back: boolean
}

export interface Flow {
  nodes: FlowNode[]
  edges: FlowEdge[]
  columns: number
  rows: number
}

function edgesOf(kind: Kind): Map<string, FlowEdge> {
  const edges = new Map<string, FlowEdge>()
  for (const s of kind.steps) {
    for (const from of s.from ?? []) {
      if (!s.to || s.to === from) continue
      const name = `${from} ${s.to}`
      const edge = edges.get(name) ?? { from, to: s.to, steps: [], taken: false, back: false }
      edge.steps.push(s.step)
      edges.set(name, edge)
    }
  }
  return edges
}

function columnsFrom(starts: string[], edges: FlowEdge[]): Map<string, number> {
  const columns = new Map<string, number>(starts.map((s) => [s, 0]))
  let front = starts
  while (front.length) {
    const next: string[] = []
    for (const state of front) {
      for (const e of edges) {
        if (e.from !== state || columns.has(e.to)) continue
        columns.set(e.to, (columns.get(state) ?? 0) + 1)
        next.push(e.to)
      }
    }
    front = next
  }
  return columns
}

export function layFlow(kind: Kind, events: EventNow[], now: string): Flow {
  const edges = edgesOf(kind)
  const starts = kind.steps
    .filter((s) => (s.from ?? []).length === 0 && s.to)
    .map((s) => s.to ?? '')
  if (!starts.length && kind.states[0]) starts.push(kind.states[0].state)
  const columns = columnsFrom([...new Set(starts)], [...edges.values()])

  const taken = new Set<string>([now])
  for (const e of events) {
    if (e.to) taken.add(e.to)
    if (e.from && e.to) {
      const edge = edges.get(`${e.from} ${e.to}`)
      if (edge) edge.taken = true
    }
  }

  const width = Math.max(0, ...columns.values()) + 1
  const filledRows: number[] = new Array<number>(width).fill(0)
  const nodes: FlowNode[] = []
  const ordered = [...kind.states].sort(
    (a, b) => Number(taken.has(b.state)) - Number(taken.has(a.state)),
  )
  for (const s of ordered) {
    const column = columns.get(s.state) ?? width - 1
    const row = filledRows[column] ?? 0
    filledRows[column] = row + 1
    nodes.push({
      state: s.state,
      column,
      row,
      taken: taken.has(s.state),
      now: s.state === now,
      final: s.final === true,
    })
  }
  for (const e of edges.values()) {
    e.back = (columns.get(e.to) ?? 0) <= (columns.get(e.from) ?? 0)
  }
  return {
    nodes,
    edges: [...edges.values()],
    columns: width,
    rows: Math.max(1, ...filledRows),
  }
}
