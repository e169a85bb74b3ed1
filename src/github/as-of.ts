import type { EditAnswer, RenameAnswer } from './answers.ts'

/**
 * The text as it stood at `at`, out of its edits: each has the whole text as it left it, the first one as it was written. What was
 * written later than `at` counts as first written. Edits whose text was deleted are passed over; `now` where none is known.
 */
export function textAsOf(now: string, edits: readonly EditAnswer[], at: Date): string {
  const known = edits
    .flatMap(({ editedAt, diff }) => (diff === null ? [] : [{ time: Date.parse(editedAt), text: diff }]))
    .sort((a, b) => a.time - b.time)
  return known.findLast(({ time }) => time <= at.getTime())?.text ?? known[0]?.text ?? now
}

/** The title as it stood at `at`: the first rename after it says what it was called until then. */
export function titleAsOf(now: string, renames: readonly RenameAnswer[], at: Date): string {
  const later = renames
    .filter(({ createdAt }) => Date.parse(createdAt) > at.getTime())
    .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt))
  return later[0]?.previousTitle ?? now
}
