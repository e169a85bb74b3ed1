import type { Change } from '../model/index.ts'

const NONE = /^0+$/

/** Git's raw diff under `-z`, cut at the NULs (`:mode mode id id S`, then the path), as changes. */
export function rawChanges(tokens: readonly string[]): Change[] {
  const changes: Change[] = []
  for (let at = 0; at + 1 < tokens.length; at += 2) {
    const change = rawChange(tokens[at] ?? '', tokens[at + 1] ?? '')
    if (change !== null) changes.push(change)
  }
  return changes
}

/** One record of the raw diff, or null where the text is none. */
export function rawChange(record: string, path: string): Change | null {
  const [oldMode, newMode, oldBlob, newBlob, letter] = record.replace(/^\s*:/, '').split(' ')
  if (oldMode === undefined || newMode === undefined || oldBlob === undefined || newBlob === undefined) return null
  return {
    path,
    status: statusOf(letter ?? ''),
    oldMode,
    newMode,
    oldBlob: NONE.test(oldBlob) ? null : oldBlob,
    newBlob: NONE.test(newBlob) ? null : newBlob,
  }
}

function statusOf(letter: string): Change['status'] {
  if (letter === 'A') return 'added'
  if (letter === 'D') return 'deleted'
  return letter === 'T' ? 'type-changed' : 'modified'
}
