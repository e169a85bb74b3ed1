import { and, lt, ne } from 'drizzle-orm'
import { deliveries, nightlyReports } from '../db/schema.ts'
import { Fault, messageOf, UserError } from '../errors.ts'
import { counted, type GitHubCost } from '../github/index.ts'
import type { Log } from '../log.ts'
import type { Queue } from '../queue/types.ts'
import type { CleanUpReport } from './clean-up.ts'
import type { BackfillBounds } from './github/backfill.ts'
import { type NightPart, type NightRead, readGitHub } from './github/night.ts'
import type { GitHubIntake } from './github/take-in-pulls.ts'
import type { Jobs } from './jobs.ts'
import type { Revalidated } from './revalidate.ts'

export interface NightlyOptions {
  /** Null: this machine has no way to GitHub, and only looks after what it has. */
  readonly intake: GitHubIntake | null
  readonly db: GitHubIntake['db']
  readonly queue: Pick<Queue<Jobs>, 'add' | 'addAll'>
  readonly bounds: BackfillBounds
  readonly log: Log
  readonly signal: AbortSignal
  /** One repository alone, by its name: the rest of the night's work is left. */
  readonly repository: string | null
  readonly revalidate: () => AsyncIterable<Revalidated>
  readonly cleanUp: () => Promise<CleanUpReport>
}

/** What a nightly run did and what it cost. */
export interface NightlyReport extends Readonly<NightRead> {
  readonly revalidated: { readonly holds: number; readonly quarantined: number; readonly faults: number }
  readonly cleaned: CleanUpReport | null
  /** What could not be done, each with why; the rest was. */
  readonly faults: readonly { readonly what: string; readonly why: string }[]
  readonly cost: NightlyCost
  readonly seconds: number
}

export interface NightlyCost {
  /** Requests of this run alone; `rest` and `points` are what it took of the hours' budgets. */
  readonly github: GitHubCost
  /** Wall time. */
  readonly seconds: Readonly<Record<Part, number>>
  /** Time that tests took in sandboxes. */
  readonly sandbox_seconds: number
  readonly bytes_freed: number
}

type Part = NightPart | 'revalidation' | 'clean-up'

/** Rows of deliveries that are done serve to know a GUID again. */
const rowsMs = 30 * 24 * 3600 * 1000

const nothingRead = { redelivered: 0, installations: 0, repositories: 0, reconciled: 0, backfilled: 0, feedback: 0 }
const nothingAsked: GitHubCost = { rest: 0, graphql: 0, points: 0 }

/**
 * Makes good what was missed: asks for failed webhooks again, goes through installations and repositories by GitHub's own lists,
 * goes on with backfills, validates the stalest tasks again, and cleans up. A part that fails does not keep the others from being done.
 */
export async function runNightly(options: NightlyOptions): Promise<NightlyReport> {
  const { db, intake, queue, bounds, repository } = options
  const started = new Date()
  const work = makeAttempts(options)
  const github = intake === null ? null : counted(intake.github)
  const read =
    intake === null || github === null
      ? nothingRead
      : await readGitHub({
          ...{ queue, bounds, repository, attempt: work.attempt },
          intake: { ...intake, github: github.access },
        })
  const whole = repository === null
  const again = whole ? await work.timed('revalidation', () => countAgain(options.revalidate())) : noneAgain()
  const cleaned = whole ? await work.attempt('clean-up', 'clean-up', options.cleanUp, null) : null
  await db
    .delete(deliveries)
    .where(and(ne(deliveries.state, 'waiting'), lt(deliveries.receivedAt, new Date(started.getTime() - rowsMs))))
  const ended = new Date()
  const report: NightlyReport = {
    ...read,
    revalidated: again.counts,
    cleaned,
    faults: work.faults,
    cost: {
      github: github?.cost() ?? nothingAsked,
      seconds: work.seconds,
      sandbox_seconds: again.sandboxSeconds,
      bytes_freed: cleaned === null ? 0 : bytesFreed(cleaned),
    },
    seconds: (ended.getTime() - started.getTime()) / 1000,
  }
  await db.insert(nightlyReports).values({ startedAt: started, endedAt: ended, report })
  return report
}

/** Keeps the time of each part, and what failed. */
function makeAttempts({ log, signal }: NightlyOptions) {
  const faults: { what: string; why: string }[] = []
  const seconds: Record<Part, number> = {
    ...{ webhooks: 0, installations: 0, settings: 0, reconciliation: 0, backfill: 0, feedback: 0 },
    ...{ revalidation: 0, 'clean-up': 0 },
  }
  const timed = async <T>(part: Part, work: () => Promise<T>): Promise<T> => {
    const began = performance.now()
    try {
      return await work()
    } finally {
      seconds[part] += (performance.now() - began) / 1000
    }
  }
  const attempt = async <T>(part: Part, what: string, work: () => Promise<T>, otherwise: T): Promise<T> => {
    signal.throwIfAborted()
    try {
      return await timed(part, work)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof Fault || error instanceof UserError)) throw error
      log.warn({ what, error: messageOf(error) }, 'a part of the nightly run failed')
      faults.push({ what, why: messageOf(error) })
      return otherwise
    }
  }
  return { faults, seconds, timed, attempt }
}

const noneAgain = () => ({ counts: { holds: 0, quarantined: 0, faults: 0 }, sandboxSeconds: 0 })

async function countAgain(revalidated: AsyncIterable<Revalidated>): Promise<ReturnType<typeof noneAgain>> {
  const again = noneAgain()
  for await (const { standing, validated } of revalidated) {
    if (standing === 'fault') again.counts.faults += 1
    else if (standing === 'quarantined') again.counts.quarantined += 1
    else again.counts.holds += 1
    again.sandboxSeconds += validated?.sandboxSeconds ?? 0
  }
  return again
}

function bytesFreed({ archives, blobs, layers, mirrors, packages }: CleanUpReport): number {
  return archives.bytes + blobs.bytes + layers.bytes + mirrors.bytes + packages.bytes
}
