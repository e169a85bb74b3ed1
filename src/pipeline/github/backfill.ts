import { eq } from 'drizzle-orm'
import { type BackfillState, repositories } from '../../db/schema.ts'
import type { ListedPull, PullPage } from '../../github/index.ts'
import { mayBeMined } from './consent.ts'
import { refreshRepository, repositoryById } from './repositories.ts'
import { refreshSettings } from './settings.ts'
import { type GitHubIntake, openForIntake, readPage, takeInListed } from './take-in-pulls.ts'

export interface BackfillBounds {
  /** Pulls merged before are left; null: none are. */
  readonly since: Date | null
  /** At most so many merged pulls of a repository, the newest. */
  readonly pulls: number
}

/**
 * Takes in a repository's merged pulls, newest first, a page at a time; what is done is stored with each page, so that it goes on
 * where it was. Does nothing where it is done, or the repository may not be mined. Gives how many pulls it listed.
 */
export async function backfillRepository(
  intake: GitHubIntake,
  repositoryId: number,
  bounds: BackfillBounds,
): Promise<number> {
  const known = await repositoryById(intake.db, repositoryId)
  if (known === null || known.backfill?.done === true) return 0
  const client = await intake.github.client(known.installationId, 'backfill', intake.signal)
  // The event that told of it had its name and little else.
  const found = await refreshRepository(intake.db, intake.github, client, known)
  if (found === null) return 0
  const row = await refreshSettings(intake.db, client, found)
  if (!(await mayBeMined(intake.db, row))) return 0
  const began = new Date()
  const open = await openForIntake(intake, row, client)
  const reading = bounded(bounds)
  if (open === null) {
    // What is pushed and merged from now on is the events' and the nightly run's.
    const reconciledAt = row.reconciledAt ?? began
    await intake.db
      .update(repositories)
      .set({ backfill: { ...reading.start, done: true }, reconciledAt })
      .where(eq(repositories.id, row.id))
    return 0
  }
  let state = row.backfill ?? reading.start
  while (!state.done) {
    intake.signal.throwIfAborted()
    const page = await readPage(client, row, { after: state.cursor })
    await takeInListed(open, reading.wanted(state, page))
    state = reading.after(state, page)
    // What was merged before the first page was read is seen; what comes later is the events' and the nightly run's.
    const reconciledAt = row.reconciledAt ?? (row.backfill === null ? began : null)
    await intake.db.update(repositories).set({ backfill: state, reconciledAt }).where(eq(repositories.id, row.id))
  }
  return state.listed - (row.backfill?.listed ?? 0)
}

interface Bounded {
  readonly start: BackfillState
  /** How far it is once a page was read. */
  after(state: BackfillState, page: PullPage): BackfillState
  /** What of the next page is within the bounds. */
  wanted(state: BackfillState, page: PullPage): readonly ListedPull[]
}

/** Pulls are listed by when they were made: one that was made before `since` may have been merged much later, but seldom is. */
const longestOpenMs = 365 * 24 * 3600 * 1000

/** How a backfill goes through GitHub's list, and where it ends. */
export function bounded({ since, pulls }: BackfillBounds): Bounded {
  return {
    start: { cursor: null, listed: 0, done: false },
    wanted: (state, page) =>
      page.pulls
        .slice(0, pulls - state.listed)
        .filter(({ line }) => since === null || Date.parse(line.merged_at ?? '') >= since.getTime()),
    after(state, page) {
      const listed = state.listed + page.pulls.length
      const oldest = Date.parse(page.pulls.at(-1)?.line.created_at ?? '')
      const isPast = since !== null && oldest < since.getTime() - longestOpenMs
      return { cursor: page.next, listed, done: page.next === null || listed >= pulls || isPast }
    },
  }
}
