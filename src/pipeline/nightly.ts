import { and, eq, inArray, lt, ne } from 'drizzle-orm'
import type { RepositoryRow } from '../db/candidates.ts'
import { deliveries, installations, nightlyReports, repositories } from '../db/schema.ts'
import { Fault, messageOf, UserError } from '../errors.ts'
import {
  appInstallations,
  failedDeliveries,
  type GitHubInstallation,
  installationRepositories,
  redeliver,
} from '../github/index.ts'
import type { Log } from '../log.ts'
import type { Queue } from '../queue/types.ts'
import type { CleanUpReport } from './clean-up.ts'
import { type BackfillBounds, backfillRepository } from './github/backfill.ts'
import { makeEvents } from './github/events.ts'
import { dueFeedback, feedbackSoon } from './github/feedback.ts'
import { reconcileRepository } from './github/reconcile.ts'
import { settingsChanged } from './github/settings-job.ts'
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
export interface NightlyReport {
  /** Failed webhooks that GitHub was asked to send again. */
  readonly redelivered: number
  readonly installations: number
  readonly repositories: number
  /** Merged pulls that were new or changed since the last time, and those that backfills listed. */
  readonly reconciled: number
  readonly backfilled: number
  readonly feedback: number
  readonly revalidated: { readonly holds: number; readonly quarantined: number; readonly faults: number }
  readonly cleaned: CleanUpReport | null
  /** What could not be done, each with why; the rest was. */
  readonly faults: readonly { readonly what: string; readonly why: string }[]
  readonly seconds: number
}

const hour = 3600 * 1000
/** GitHub keeps deliveries for three days. */
const deliveriesMs = 3 * 24 * hour
/** Rows of deliveries that are done serve to know a GUID again. */
const rowsMs = 30 * 24 * hour

/**
 * Makes good what was missed: asks for failed webhooks again, goes through installations and repositories by GitHub's own lists,
 * goes on with backfills, validates the stalest tasks again, and cleans up. A part that fails does not keep the others from being done.
 */
export async function runNightly(options: NightlyOptions): Promise<NightlyReport> {
  const started = new Date()
  const faults: { what: string; why: string }[] = []
  const attempt = async <T>(what: string, work: () => Promise<T>, otherwise: T): Promise<T> => {
    options.signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      options.signal.throwIfAborted()
      if (!(error instanceof Fault || error instanceof UserError)) throw error
      options.log.warn({ what, error: messageOf(error) }, 'a part of the nightly run failed')
      faults.push({ what, why: messageOf(error) })
      return otherwise
    }
  }
  const read = await readGitHub(options, attempt)
  const revalidated = { holds: 0, quarantined: 0, faults: 0 }
  if (options.repository === null) {
    for await (const { standing } of options.revalidate()) {
      if (standing === 'fault') revalidated.faults += 1
      else if (standing === 'quarantined') revalidated.quarantined += 1
      else revalidated.holds += 1
    }
  }
  const cleaned = options.repository === null ? await attempt('clean-up', options.cleanUp, null) : null
  await options.db
    .delete(deliveries)
    .where(and(ne(deliveries.state, 'waiting'), lt(deliveries.receivedAt, new Date(started.getTime() - rowsMs))))
  const ended = new Date()
  const seconds = (ended.getTime() - started.getTime()) / 1000
  const report: NightlyReport = { ...read, revalidated, cleaned, faults, seconds }
  await options.db.insert(nightlyReports).values({ startedAt: started, endedAt: ended, report })
  return report
}

type Attempt = <T>(what: string, work: () => Promise<T>, otherwise: T) => Promise<T>
type Read = Pick<
  NightlyReport,
  'redelivered' | 'installations' | 'repositories' | 'reconciled' | 'backfilled' | 'feedback'
>

async function readGitHub(options: NightlyOptions, attempt: Attempt): Promise<Read> {
  const { intake, db, queue, repository } = options
  const read = { redelivered: 0, installations: 0, repositories: 0, reconciled: 0, backfilled: 0, feedback: 0 }
  if (intake === null) return read
  if (repository === null) {
    read.redelivered = await attempt('failed webhooks', () => askAgain(intake), 0)
    read.installations = await attempt('installations', () => readInstallations(options, intake, attempt), 0)
  }
  for (const row of await ours(options)) {
    read.repositories += 1
    const { name, id } = row
    await attempt(
      `settings of ${name}`,
      () => settingsChanged(intake, queue, { repository: id, commit: null }),
      undefined,
    )
    read.reconciled += await attempt(`pulls of ${name}`, () => reconcileRepository(intake, id), 0)
    read.backfilled += await attempt(`backfill of ${name}`, () => backfillRepository(intake, id, options.bounds), 0)
  }
  for (const candidate of await dueFeedback(db, new Date(Date.now() - deliveriesMs))) {
    await feedbackSoon(db, queue, candidate)
    read.feedback += 1
  }
  return read
}

/** Webhooks that no answer of ours said yes to. What is stored already is known by its GUID when it comes again. */
async function askAgain({ db, github }: GitHubIntake): Promise<number> {
  const app = await github.app()
  if (app === null) return 0
  const failed = await failedDeliveries(app, new Date(Date.now() - deliveriesMs))
  if (failed.length === 0) return 0
  const guids = failed.map(({ guid }) => guid)
  const rows = await db.select({ guid: deliveries.guid }).from(deliveries).where(inArray(deliveries.guid, guids))
  const known = new Set(rows.map(({ guid }) => guid))
  const missed = failed.filter(({ guid }) => !known.has(guid))
  for (const delivery of missed) await redeliver(app, delivery)
  return missed.length
}

/** GitHub's own lists of installations and of their repositories are the authority; what they no longer hold was taken away. */
async function readInstallations(options: NightlyOptions, intake: GitHubIntake, attempt: Attempt): Promise<number> {
  const app = await intake.github.app()
  if (app === null) return 0
  const present = await appInstallations(app)
  for (const one of present) {
    await attempt(`installation ${one.account}`, () => readInstallation(options, intake, one), undefined)
  }
  const ids = new Set(present.map(({ id }) => id))
  const events = makeEvents(options.db, options.queue, intake.github)
  const known = await options.db.select().from(installations).where(ne(installations.state, 'removed'))
  for (const { id } of known) if (id !== 0 && !ids.has(id)) await events.uninstalled(id)
  return present.length
}

async function readInstallation(
  { db, queue }: NightlyOptions,
  { github }: GitHubIntake,
  { id, account, permissions, suspended }: GitHubInstallation,
): Promise<void> {
  const events = makeEvents(db, queue, github)
  if (suspended) return events.installationChanged(id, 'suspended')
  const granted = await installationRepositories(await github.client(id, 'backfill'))
  const known = await db
    .select({ forgeId: repositories.forgeId })
    .from(repositories)
    .where(and(eq(repositories.installationId, id), eq(repositories.state, 'active')))
  const before = new Set(known.map(({ forgeId }) => forgeId))
  const now = new Set(granted.map((repository) => String(repository.id)))
  await events.installed(
    { id, account, permissions },
    granted.filter((repository) => !before.has(String(repository.id))),
  )
  const gone = [...before].filter((forgeId) => forgeId !== null && !now.has(forgeId))
  await events.repositoriesRemoved(id, gone.map(Number))
}

async function ours({ db, repository }: NightlyOptions): Promise<RepositoryRow[]> {
  const rows = await db
    .select()
    .from(repositories)
    .where(and(ne(repositories.installationId, 0), eq(repositories.state, 'active')))
  if (repository === null) return rows
  const named = rows.filter(({ name }) => name.toLowerCase() === repository.toLowerCase())
  if (named.length > 0) return named
  throw new UserError(`the App is not installed on a repository ${repository}`, { mend: 'write it as owner/name' })
}
