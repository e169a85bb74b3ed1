import { draw } from './draw.ts'
import { takeBackExpired } from './give-back.ts'
import { takeInDue, takeInPublished, takeInReturned, takeInSolveRates } from './news.ts'
import type { Walking } from './walking.ts'

/**
 * Puts more into a walk's queue, `needed` tasks at the least unless there are no more: what came back first, then what the walk finds, and
 * at last what may be served again. The consumer's lock is held alone, and the queue is empty. So many more are wanted by those who come next
 * as `ahead` says. Gives whether there was any.
 */
export async function refill(walking: Walking, needed: number, ahead: number): Promise<boolean> {
  const { tx, walk } = walking
  // Nobody looks through the dead rows of what was taken.
  walk.firstPosition = walk.nextPosition
  let queued = await takeInSolveRates(walking)
  for (let more = true; more && queued < needed; ) {
    const expired = await takeBackExpired(tx, walk.consumerId)
    const returned = await takeInReturned(walking)
    queued += returned.queued
    more = expired > 0 || returned.more
  }
  for (let more = true; more; ) {
    const published = await takeInPublished(walking)
    queued += published.queued
    more = published.more
  }
  if (queued < needed) queued += await draw(walking, needed - queued, lookFor(walking, needed + ahead))
  for (let more = true; more && queued < needed; ) {
    const due = await takeInDue(walking)
    queued += due.queued
    more = due.more
  }
  return queued > 0
}

/** A walk that came far is one of many leases to come: it looks farther ahead, so that fewer of them have to. */
function lookFor({ walk, sizes: { look } }: Walking, wanted: number): number {
  return Math.min(Math.max(look.least, wanted, 4 * walk.nextPosition), look.usual)
}
