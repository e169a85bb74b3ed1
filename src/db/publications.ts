import { inArray, sql } from 'drizzle-orm'
import type { Tx } from './connect.ts'
import { publicationCounter, publications, tasks } from './schema.ts'

/**
 * Takes the next `count` places in the publication sequence, and gives the first. The counter's row is locked until the commit: a
 * smaller sequence is never seen after a larger one. Take it last: who publishes waits meanwhile.
 */
export async function takeSequences(tx: Tx, count: number): Promise<number> {
  const [counter] = await tx
    .insert(publicationCounter)
    .values({ last: count })
    .onConflictDoUpdate({
      target: publicationCounter.one,
      set: { last: sql`${publicationCounter.last} + ${count}` },
    })
    .returning({ last: publicationCounter.last })
  if (counter === undefined) throw new Error('the publication counter gave no number')
  return counter.last - count + 1
}

type Event = (typeof publications.$inferSelect)['event']
const stateAfter = { published: 'live', quarantined: 'quarantined', retired: 'retired' } as const

/** Tells an event of tasks that are locked by the transaction, each with a place in the sequence, and sets their state. */
export async function tellEvent(tx: Tx, taskIds: readonly number[], event: Event, detail: string): Promise<void> {
  const chunk = 5000
  for (let at = 0; at < taskIds.length; at += chunk) {
    const ids = taskIds.slice(at, at + chunk)
    const first = await takeSequences(tx, ids.length)
    await tx
      .insert(publications)
      .values(ids.map((taskId, place) => ({ taskId, event, detail, sequence: first + place })))
    await tx.update(tasks).set({ state: stateAfter[event] }).where(inArray(tasks.id, ids))
  }
}
