import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '../../db/connect.ts'
import { deliveries } from '../../db/schema.ts'
import type { Queue } from '../../queue/types.ts'
import type { Jobs } from '../jobs.ts'
import type { DeliveryFacts } from './relevance.ts'

export interface Delivery extends DeliveryFacts {
  readonly guid: string
  readonly event: string
  /** As it came: the bytes that were signed. */
  readonly payload: Buffer
}

export interface DeliveryStore {
  /** Resolves once it is durable: `known` where one of this GUID was stored before. */
  add(delivery: Delivery): Promise<'stored' | 'known'>
}

interface Waiting {
  readonly delivery: Delivery
  readonly resolve: (outcome: 'stored' | 'known') => void
  readonly reject: (error: unknown) => void
}

/** So many share a transaction at most. */
const most = 200

/** Events come before everything but what somebody waits for at a terminal. */
const priority = 5

/**
 * Stores deliveries with their jobs. Those that come while a transaction is on its way share the next one, so that a flood costs
 * one commit for many.
 */
export function makeDeliveryStore(db: Db, queue: Pick<Queue<Jobs>, 'addAll'>): DeliveryStore {
  let waiting: Waiting[] = []
  let storing = false

  async function storeAll(): Promise<void> {
    storing = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await storeBatch(db, queue, batch)
    }
    storing = false
  }

  return {
    add: (delivery) =>
      new Promise((resolve, reject) => {
        waiting.push({ delivery, resolve, reject })
        if (!storing) void storeAll()
      }),
  }
}

/** Never rejects: each of the batch is told. */
async function storeBatch(db: Db, queue: Pick<Queue<Jobs>, 'addAll'>, batch: readonly Waiting[]): Promise<void> {
  try {
    const fresh = await storeFresh(
      db,
      queue,
      batch.map(({ delivery }) => delivery),
    )
    for (const { delivery, resolve } of batch) resolve(fresh.delete(delivery.guid) ? 'stored' : 'known')
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}

async function storeFresh(
  db: Db,
  queue: Pick<Queue<Jobs>, 'addAll'>,
  batch: readonly Delivery[],
): Promise<Set<string>> {
  return db.transaction(async (tx) => {
    const stored = await tx
      .insert(deliveries)
      .values(batch.map(rowOf))
      .onConflictDoNothing()
      .returning({ guid: deliveries.guid, state: deliveries.state })
    const jobs = stored
      .filter(({ state }) => state === 'waiting')
      .map(({ guid }) => ({ data: { delivery: guid }, key: `delivery:${guid}`, priority }))
    await queue.addAll(tx, 'delivery', jobs)
    return new Set(stored.map(({ guid }) => guid))
  })
}

function rowOf(delivery: Delivery): typeof deliveries.$inferInsert {
  const { guid, event, action, installation, repository, number, relevant } = delivery
  return {
    ...{ guid, event, action, number },
    installation: installation === null ? null : String(installation),
    repository: repository === null ? null : String(repository),
    state: relevant ? 'waiting' : 'ignored',
    payload: relevant ? delivery.payload : null,
    doneAt: relevant ? null : new Date(),
  }
}

/** A delivery that still has to be worked on; null where it is done. */
export async function waitingDelivery(
  db: Db,
  guid: string,
): Promise<{ readonly event: string; readonly payload: unknown } | null> {
  const [row] = await db
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.guid, guid), eq(deliveries.state, 'waiting')))
  if (row?.payload == null) return null
  return { event: row.event, payload: JSON.parse(row.payload.toString('utf8')) }
}

/** What it said is no longer needed: it may hold private text. */
export async function settleDelivery(db: Db, guid: string): Promise<void> {
  await db.update(deliveries).set({ state: 'done', payload: null, doneAt: sql`now()` }).where(eq(deliveries.guid, guid))
}
