import type { Node } from './parse.ts'

/** Comments that stand directly above belong to the item; one after a blank line, or at the end of a line of code, does not. */
export function startWithComments(statements: readonly Node[], index: number): number {
  let first = statements[index]
  if (first === undefined) return 0
  for (let above = index - 1; above >= 0; above -= 1) {
    const comment = statements[above]
    const touches = comment?.type === 'comment' && comment.endPosition.row + 1 >= first.startPosition.row
    const trails = comment !== undefined && statements[above - 1]?.endPosition.row === comment.startPosition.row
    if (comment === undefined || !touches || trails) break
    first = comment
  }
  return first.startIndex
}
