import { setTimeout as delay } from 'node:timers/promises'
import { and, eq, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/connect.ts'
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

/** So many share a transaction at most, and no more than these bytes, unless one alone has more. */
const most = { deliveries: 200, bytes: 16 * 1024 * 1024 }

/**
 * So long from one transaction's beginning to the next in a flood: each costs as much for one delivery as for ten, and on few cores
 * it is the number of transactions that the slowest answers wait for. One that comes alone is stored at once.
 */
const leastGapMs = 10

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
    for (let began = performance.now(); waiting.length > 0; began = performance.now()) {
      const batch = waiting.slice(0, sizeOfNext(waiting))
      waiting = waiting.slice(batch.length)
      await storeBatch(db, queue, batch)
      if (waiting.length > 0) await delay(Math.max(0, leastGapMs - (performance.now() - began)))
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

function sizeOfNext(waiting: readonly Waiting[]): number {
  let bytes = 0
  const full = waiting.findIndex(({ delivery }, at) => {
    bytes += delivery.payload.length
    return at >= most.deliveries || (at > 0 && bytes > most.bytes)
  })
  return full === -1 ? waiting.length : full
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
    const stored = await insertAll(tx, batch)
    const jobs = stored
      .filter(({ state }) => state === 'waiting')
      .map(({ guid }) => ({ data: { delivery: guid }, key: `delivery:${guid}`, priority }))
    await queue.addAll(tx, 'delivery', jobs)
    return new Set(stored.map(({ guid }) => guid))
  })
}

/**
 * One statement of two parameters for the whole batch, the facts and the payloads one after the other: to build and to send a
 * parameter for each value costs more than all else that a delivery takes.
 */
async function insertAll(tx: Tx, batch: readonly Delivery[]): Promise<{ guid: string; state: string }[]> {
  const kept: Buffer[] = []
  let start = 1
  const rows = batch.map(({ guid, event, action, installation, repository, number, relevant, payload }) => {
    const row = { guid, event, action, installation, repository, number, relevant, start, length: payload.length }
    if (relevant) {
      kept.push(payload)
      start += payload.length
    }
    return row
  })
  const { rows: stored } = await tx.execute<{ guid: string; state: string }>(sql`
    insert into deliveries (guid, event, action, installation, repository, number, state, payload, done_at)
    select guid, event, action, installation, repository, number,
      case when relevant then 'waiting' else 'ignored' end,
      case when relevant then substring(${Buffer.concat(kept)}::bytea from start for length) end,
      case when relevant then null else now() end
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as batch (guid text, event text, action text,
      installation text, repository text, number int, relevant boolean, start int, length int)
    on conflict do nothing returning guid, state`)
  return stored
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
