/** The known word nearest to a mistyped one; null where none is near: at most two slips, and fewer than half of the letters. */
export function nearest(word: string, known: readonly string[]): string | null {
  const typed = word.toLowerCase().slice(0, 100)
  const judged = known.map((each) => ({ each, slips: slipsBetween(typed, each.toLowerCase()) }))
  const near = judged.filter(({ each, slips }) => slips <= Math.min(2, (each.length - 1) / 2))
  return near.sort((a, b) => a.slips - b.slips)[0]?.each ?? null
}

/** Letters to add, drop, change or swap with their neighbour (the edit distance of Damerau and Levenshtein). */
function slipsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)]
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let row = 1; row <= a.length; row += 1) {
    rows.push([row])
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const least = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + same)
      rows[row]?.push(swapped ? Math.min(least, at(row - 2, column - 2) + 1) : least)
    }
  }
  return at(a.length, b.length)
}
