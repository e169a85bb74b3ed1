/** One line that a patch takes away or adds. */
export interface ChangedLine {
  readonly path: string
  readonly isOld: boolean
  /** Counted from 0 in the file of that side. */
  readonly line: number
  readonly text: string
}

/** The lines of a patch as git writes it. */
export function changedLines(patch: Buffer): readonly ChangedLine[] {
  const found: ChangedLine[] = []
  let [path, from, to, left] = ['', 0, 0, 0]
  for (const text of patch.toString().split('\n')) {
    const hunk = left === 0 ? /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(text) : null
    if (hunk !== null) {
      const [, oldStart, oldCount = '1', newStart, newCount = '1'] = hunk
      ;[from, to, left] = [Number(oldStart) - 1, Number(newStart) - 1, Number(oldCount) + Number(newCount)]
    } else if (left === 0) path = /^diff --git a\/.* b\/(?<path>.*)$/.exec(text)?.groups?.path ?? path
    else if (text.startsWith('-')) {
      found.push({ path, isOld: true, line: from, text: text.slice(1) })
      ;[from, left] = [from + 1, left - 1]
    } else if (text.startsWith('+')) {
      found.push({ path, isOld: false, line: to, text: text.slice(1) })
      ;[to, left] = [to + 1, left - 1]
    } else if (!text.startsWith('\\')) [from, to, left] = [from + 1, to + 1, left - 2]
  }
  return found
}
