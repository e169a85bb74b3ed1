import { z } from 'zod'

/** An object as graphql-js resolves it: values, or functions of the field's arguments. */
export type Node = Record<string, unknown>

/** How a list is cut: where an item is named by its cursor, and found again. */
export interface Cursors<T> {
  of(item: T, index: number): string
  /** Index of the first item after the cursor; `null`: no cursor of this list. */
  after(cursor: string): number | null
}

const pageArguments = z.object({
  first: z.number().nullish(),
  last: z.number().nullish(),
  after: z.string().nullish(),
  before: z.string().nullish(),
})

/** A Relay connection over a list that is there. Nodes are made when they are asked for. */
export function connection<T>(
  items: readonly T[],
  args: unknown,
  show: (item: T, index: number) => unknown,
  cursors: Cursors<T> = byIndex(),
): Node {
  const { first, last, after, before } = pageArguments.parse(args)
  const from = after == null ? 0 : indexAfter(cursors, after)
  const to = before == null ? items.length : Math.max(from, indexAfter(cursors, before) - 1)
  const start = first == null && last != null ? Math.max(from, to - last) : from
  const end = first == null ? to : Math.min(to, start + first)
  const page = items.slice(start, end)
  const cursorAt = (index: number) => {
    const item = page[index]
    return item === undefined ? null : cursors.of(item, start + index)
  }
  return {
    totalCount: items.length,
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: () => cursorAt(0),
      endCursor: () => cursorAt(page.length - 1),
    },
    nodes: () => page.map((item, index) => show(item, start + index)),
    edges: () => page.map((item, index) => ({ cursor: cursorAt(index), node: () => show(item, start + index) })),
  }
}

function indexAfter<T>(cursors: Cursors<T>, cursor: string): number {
  const index = cursors.after(cursor)
  if (index === null) throw new Error(`\`${cursor}\` does not appear to be a valid cursor.`)
  return index
}

function byIndex<T>(): Cursors<T> {
  return {
    of: (_, index) => Buffer.from(`cursor:${index + 1}`).toString('base64'),
    after(cursor) {
      const found = /^cursor:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())
      return found === null ? null : Number(found[1])
    },
  }
}
