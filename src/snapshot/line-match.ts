/** Beyond so many edits two texts have little in common, and finding out what takes long. */
const MOST_EDITS = 2000

/**
 * For each line of `a` the line of `b` that it became, or null: those of a shortest edit (Myers, "An O(ND) difference algorithm", 1986). Null where the two
 * differ too much to tell.
 */
export function matchLines(a: readonly string[], b: readonly string[]): readonly (number | null)[] | null {
  const traces: Int32Array[] = []
  const most = Math.min(MOST_EDITS, a.length + b.length)
  let reach = new Int32Array(2 * most + 3)
  for (let edits = 0; edits <= most; edits += 1) {
    traces.push(reach.slice())
    const next = reach.slice()
    for (let line = -edits; line <= edits; line += 2) {
      const x = follow(a, b, furthest(reach, line, edits, most), line)
      next[line + most + 1] = x
      if (x >= a.length && x - line >= b.length) return walkBack(a, b, traces, most)
    }
    reach = next
  }
  return null
}

/** How far in `a` the diagonal `line` is reached with one more edit. */
function furthest(reach: Int32Array, line: number, edits: number, most: number): number {
  const below = reach[line + 1 + most + 1] ?? 0
  const left = reach[line - 1 + most + 1] ?? 0
  return line === -edits || (line !== edits && left < below) ? below : left + 1
}

function follow(a: readonly string[], b: readonly string[], from: number, line: number): number {
  let x = from
  while (x < a.length && x - line < b.length && a[x] === b[x - line]) x += 1
  return x
}

function walkBack(
  a: readonly string[],
  b: readonly string[],
  traces: readonly Int32Array[],
  most: number,
): readonly (number | null)[] {
  const matched: (number | null)[] = a.map(() => null)
  let [x, y] = [a.length, b.length]
  for (let edits = traces.length - 1; edits >= 0; edits -= 1) {
    const reach = traces[edits] ?? new Int32Array()
    const line = x - y
    const start = furthest(reach, line, edits, most)
    for (; x > start && y > start - line; x -= 1, y -= 1) matched[x - 1] = y - 1
    if (edits === 0) for (; x > 0 && y > 0; x -= 1, y -= 1) matched[x - 1] = y - 1
    const cameDown =
      line === -edits || (line !== edits && (reach[line - 1 + most + 1] ?? 0) < (reach[line + 1 + most + 1] ?? 0))
    if (cameDown) y -= 1
    else x -= 1
  }
  return matched
}
