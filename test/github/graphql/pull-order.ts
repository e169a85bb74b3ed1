import { z } from 'zod'
import { updatedAt } from '../rest/shapes.ts'
import type { Pull, Repository } from '../types.ts'
import type { Cursors } from './connections.ts'

const listArguments = z.object({
  states: z.array(z.enum(['OPEN', 'CLOSED', 'MERGED'])).nullish(),
  orderBy: z.object({ field: z.enum(['CREATED_AT', 'UPDATED_AT']), direction: z.enum(['ASC', 'DESC']) }).nullish(),
  baseRefName: z.string().nullish(),
  headRefName: z.string().nullish(),
})

/** Pulls in an order, each with what it is sorted by. */
interface Ordered {
  readonly pulls: readonly Pull[]
  readonly cursors: Cursors<Pull>
}

const kept = new WeakMap<Repository, { readonly version: number; readonly lists: Map<string, Ordered> }>()

/** The repository's pulls as asked. Kept until one is added, so that a page of a long list costs only itself. */
export function orderedPulls(repository: Repository, args: unknown): Ordered {
  const { states, orderBy, baseRefName, headRefName } = listArguments.parse(args)
  const asked = JSON.stringify([states, orderBy, baseRefName, headRefName])
  const lists = keptOf(repository)
  const known = lists.get(asked)
  if (known !== undefined) return known
  const field = orderBy?.field === 'UPDATED_AT' ? updatedAt : (pull: Pull) => pull.createdAt
  const sign = orderBy?.direction === 'DESC' ? -1 : 1
  const keyOf = (pull: Pull): Key => [Date.parse(field(pull)), pull.number]
  const compare = (a: Key, b: Key) => sign * (a[0] - b[0] || a[1] - b[1])
  const pulls = [...repository.pulls.values()]
    .filter((pull) => states == null || states.includes(stateOf(pull)))
    .filter((pull) => baseRefName == null || (pull.baseRef ?? repository.defaultBranch) === baseRefName)
    .filter((pull) => headRefName == null || pull.head.ref === headRefName)
    .map((pull) => ({ pull, key: keyOf(pull) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ pull }) => pull)
  const ordered = { pulls, cursors: keyCursors(pulls, keyOf, compare) }
  lists.set(asked, ordered)
  return ordered
}

function keptOf(repository: Repository): Map<string, Ordered> {
  const before = kept.get(repository)
  if (before?.version === repository.version) return before.lists
  const lists = new Map<string, Ordered>()
  kept.set(repository, { version: repository.version, lists })
  return lists
}

export function stateOf(pull: Pull): 'OPEN' | 'CLOSED' | 'MERGED' {
  if (pull.mergedAt) return 'MERGED'
  return pull.closedAt ? 'CLOSED' : 'OPEN'
}

type Key = readonly [time: number, number: number]

/** As GitHub's, a cursor says where it stands in the order, so pages don't shift when pulls come or change meanwhile. */
function keyCursors(
  pulls: readonly Pull[],
  keyOf: (pull: Pull) => Key,
  compare: (a: Key, b: Key) => number,
): Cursors<Pull> {
  return {
    of: (pull) => Buffer.from(`cursor:v2:${keyOf(pull).join(':')}`).toString('base64'),
    after(cursor) {
      const found = /^cursor:v2:(-?\d+):(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())
      if (found === null) return null
      const key: Key = [Number(found[1]), Number(found[2])]
      let low = 0
      let high = pulls.length
      while (low < high) {
        const middle = (low + high) >> 1
        const pull = pulls[middle]
        if (pull !== undefined && compare(keyOf(pull), key) <= 0) low = middle + 1
        else high = middle
      }
      return low
    },
  }
}
