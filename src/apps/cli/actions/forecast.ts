import { and, count, eq, inArray, isNotNull } from 'drizzle-orm'
import type { Db } from '../../../db/connect.ts'
import { candidates } from '../../../db/schema.ts'
import type { Forecast } from '../lines.ts'

/** What a candidate's chance is where nothing was mined yet. Measured over the repositories in docs/yield.md. */
const usualYield = 0.4
/** Fewer decided candidates than this say little about a repository. */
const fewest = 10

/** How many tasks a number of candidates will likely become, by what became of earlier ones here, else on this database. */
export async function forecastOf(db: Db, repositoryId: number, proposed: number): Promise<Forecast> {
  const own = await yieldOf(db, repositoryId)
  const all = own.decided >= fewest ? own : await yieldOf(db, null)
  const basis =
    own.decided >= fewest ? 'this repository' : all.decided >= fewest ? 'all repositories mined here' : 'usual yield'
  const rate = all.decided >= fewest ? all.vetted / all.decided : usualYield
  return { likely_tasks: Math.round(proposed * rate), yield: rate, basis }
}

async function yieldOf(db: Db, repositoryId: number | null): Promise<{ decided: number; vetted: number }> {
  const rows = await db
    .select({ state: candidates.state, candidates: count() })
    .from(candidates)
    .where(
      and(
        inArray(candidates.state, ['vetted', 'refused']),
        isNotNull(candidates.baseCommit),
        repositoryId === null ? undefined : eq(candidates.repositoryId, repositoryId),
      ),
    )
    .groupBy(candidates.state)
  const of = (state: string) => rows.find((row) => row.state === state)?.candidates ?? 0
  return { decided: of('vetted') + of('refused'), vetted: of('vetted') }
}
