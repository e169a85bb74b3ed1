import { eq } from 'drizzle-orm'
import { repositories } from '../../db/schema.ts'
import type { ListedPull, PullPage } from '../../github/index.ts'
import { mayBeMined } from './consent.ts'
import { letBackIn } from './labels.ts'
import { recheckKnown } from './recheck.ts'
import { refreshRepository, repositoryById } from './repositories.ts'
import { type GitHubIntake, openForIntake, readPage, takeInListed } from './take-in-pulls.ts'

/** How far before the last time it is looked: clocks differ, and lists are behind events. */
export const overlapMs = 10 * 60 * 1000

interface ReconcileOptions {
  readonly pushed: boolean
  /** Its row was brought up to date just now; else its name may be another's. */
  readonly fresh?: boolean
}

/**
 * Takes in the merged pulls of a repository that were changed since it was last reconciled, by GitHub's own list: what no event
 * told of. Where there are any, or `pushed` says that its history changed, the known pulls are looked at again, too: one may have been
 * taken back. Resolves to how many pulls the list had. A repository never read before is left to its backfill.
 */
export async function reconcileRepository(
  intake: GitHubIntake,
  repositoryId: number,
  { pushed, fresh = false }: ReconcileOptions = { pushed: false },
): Promise<number> {
  const known = await repositoryById(intake.db, repositoryId)
  if (known === null || known.reconciledAt === null || !(await mayBeMined(intake.db, known))) return 0
  const began = new Date()
  const since = known.reconciledAt.getTime() - overlapMs
  const client = await intake.github.client(known.installationId, 'backfill', intake.signal)
  const row = fresh ? known : await refreshRepository(intake.db, intake.github, client, known)
  if (row === null || !(await mayBeMined(intake.db, row))) return 0
  const changed: ListedPull[] = []
  for (let cursor: string | null = null; ; ) {
    const page: PullPage = await readPage(client, row, { after: cursor, by: 'updated' })
    const late = page.pulls.filter(({ updatedAt }) => updatedAt.getTime() >= since)
    changed.push(...late)
    cursor = page.next
    if (cursor === null || late.length < page.pulls.length) break
  }
  if (changed.length > 0 || pushed) {
    await letBackIn(
      intake.db,
      row,
      changed.map(({ line }) => line),
    )
    const open = await openForIntake(intake, row, client)
    if (open !== null) {
      await takeInListed(open, changed)
      await recheckKnown(intake.db, open)
    }
  }
  await intake.db.update(repositories).set({ reconciledAt: began }).where(eq(repositories.id, row.id))
  return changed.length
}
