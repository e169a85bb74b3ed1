import { type Caller, realmOf } from '../access/index.ts'
import { isDatabaseAway } from '../db/away.ts'
import type { Db } from '../db/connect.ts'
import { type Given, giveTogether } from './give.ts'
import { type Asked, digestOf, type LeaseRequest, walkKey } from './request.ts'
import { showGiven, showLease } from './show.ts'
import { together } from './together.ts'
import type { Lease } from './types.ts'
import { type WalkSizes, walkSizes } from './walking.ts'

export type LeaseAnswer = { readonly lease: Lease; readonly again: boolean } | { readonly refused: 'key-used' }

export interface LeaseOptions {
  /** The sender's own key for the request. */
  readonly key?: string | null
  readonly sizes?: WalkSizes
}

/**
 * Leases to a consumer the next tasks that it was never served, fairly over repositories: `count` of them, or fewer where there are no more.
 * With a key of the sender's own the same request is given the same lease again; `key-used`: the key came with another request. What a token
 * leases is in the audit trail as soon as it is leased. Callers of one consumer and filter who come together share a transaction.
 */
export function lease(
  db: Db,
  caller: Caller,
  request: LeaseRequest,
  { key = null, sizes = walkSizes }: LeaseOptions = {},
): Promise<LeaseAnswer> {
  const ask = desks.get(db) ?? openDesk(db)
  // Who belongs to a realm sees the same.
  const group = digestOf({ realm: realmOf(caller), consumer: request.consumer, walk: walkKey(request), sizes })
  return ask(group, { caller, request, key, sizes })
}

type Desk = (group: string, asked: Asked) => Promise<LeaseAnswer>

/** One for each pool of connections. */
const desks = new WeakMap<Db, Desk>()

function openDesk(db: Db): Desk {
  const desk = together<Asked, Given, LeaseAnswer>({
    sizeOf: ({ request }) => request.count,
    most: 1024,
    work: (batch, behind) => giveTogether(db, batch, behind),
    // Where the database went away, it may have been done.
    mayBeOnes: (error) => !isDatabaseAway(error),
    answer: (batch, given) => answersOf(db, batch, given),
  })
  desks.set(db, desk)
  return desk
}

async function answersOf(db: Db, batch: readonly Asked[], given: readonly Given[]): Promise<LeaseAnswer[]> {
  const [first] = batch
  if (first === undefined) return []
  const opened = given.flatMap((each) => ('tasks' in each ? [each] : []))
  const shown = new Map((await showGiven(db, first.caller, opened)).map((lease) => [lease.id, lease]))
  const answers: LeaseAnswer[] = []
  for (const each of given) {
    if ('refused' in each) answers.push(each)
    else if ('tasks' in each) answers.push({ lease: there(shown.get(each.id)), again: false })
    // What it was is told as it has become.
    else answers.push({ lease: there(await showLease(db, first.caller, each.id)), again: true })
  }
  return answers
}

function there(lease: Lease | null | undefined): Lease {
  if (lease == null) throw new Error('a lease is not there for who was given it')
  return lease
}
