import type { Node } from '../parse.ts'
import type { Span } from '../types.ts'

const comments = new Set(['line_comment', 'block_comment', 'multiline_comment', 'comment'])

/** Spans of those children that are wanted, each with the comments right above it. */
export function spansWithComments(children: readonly Node[], isWanted: (node: Node) => boolean): readonly Span[] {
  return children.flatMap((node, at) => (isWanted(node) ? [{ start: startOf(children, at), end: node.endIndex }] : []))
}

function startOf(children: readonly Node[], at: number): number {
  let below = children[at]
  for (let index = at - 1; index >= 0 && below !== undefined; index -= 1) {
    const above = children[index]
    if (above === undefined || !comments.has(above.type)) break
    // A blank line between parts them, and a comment behind code belongs to that code.
    if (below.startPosition.row - above.endPosition.row > 1) break
    if (children[index - 1]?.endPosition.row === above.startPosition.row) break
    below = above
  }
  return below?.startIndex ?? 0
}
