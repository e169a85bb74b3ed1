import type { Node } from '../parse.ts'
import type { Span } from '../types.ts'

const comments = new Set(['line_comment', 'block_comment', 'multiline_comment', 'comment'])

/** A node with the comments right above it. */
export function withComments(node: Node): Span {
  let start = node.startIndex
  let below = node
  for (let above = node.previousSibling; above !== null && comments.has(above.type); above = above.previousSibling) {
    // A blank line between parts them, and a comment behind code belongs to that code.
    if (below.startPosition.row - above.endPosition.row > 1) break
    if (above.previousSibling !== null && above.previousSibling.endPosition.row === above.startPosition.row) break
    start = above.startIndex
    below = above
  }
  return { start, end: node.endIndex }
}
