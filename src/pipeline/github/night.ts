import { and, eq, inArray, ne } from 'drizzle-orm'
import type { RepositoryRow } from '../../db/candidates.ts'
import type { Executor } from '../../db/connect.ts'
import { deliveries, installations, repositories } from '../../db/schema.ts'
import { UserError } from '../../errors.ts'
import {
  appInstallations,
  failedDeliveries,
  type GitHubInstallation,
  installationRepositories,
  type RepositoryOverview,
  readOverviews,
  redeliver,
} from '../../github/index.ts'
import { settingsPath } from '../../model/index.ts'
import type { Queue } from '../../queue/types.ts'
import type { Jobs } from '../jobs.ts'
import { type BackfillBounds, backfillRepository } from './backfill.ts'
import { consentOfRow } from './consent.ts'
import { makeEvents } from './events.ts'
import { dueFeedback, feedbackSoon } from './feedback.ts'
import { overlapMs, reconcileRepository } from './reconcile.ts'
import { repositoryById, storeInstallation, storeRepository } from './repositories.ts'
import { followSettings } from './settings-job.ts'
import { addressOf, type GitHubIntake } from './take-in-pulls.ts'

/** What a night reads of GitHub, part by part. */
export type NightPart = 'webhooks' | 'installations' | 'settings' | 'reconciliation' | 'backfill' | 'feedback'

export interface Night {
  readonly intake: GitHubIntake
  readonly queue: Pick<Queue<Jobs>, 'add' | 'addAll'>
  readonly bounds: BackfillBounds
  /** One repository alone, by its name: the rest of the night's work is left. */
  readonly repository: string | null
  /** Does a piece of a part of the work; where it fails the report says so, and `otherwise` comes of it. */
  attempt<T>(part: NightPart, what: string, work: () => Promise<T>, otherwise: T): Promise<T>
}

/** What came of it, as the nightly report has it. */
export interface NightRead {
  redelivered: number
  installations: number
  repositories: number
  reconciled: number
  backfilled: number
  feedback: number
}

/** So long a look at all repositories counts; later each is read by itself. */
const freshMs = 60_000
/** GitHub keeps deliveries for three days. */
const deliveriesMs = 3 * 24 * 3600 * 1000

/**
 * Makes good what no event told of: failed webhooks, installations, repositories, settings and pulls by GitHub's own lists; and goes on with
 * backfills. A repository of which nothing has changed costs no request of its own.
 */
export async function readGitHub(night: Night): Promise<NightRead> {
  const { intake, queue, repository, attempt } = night
  const read = { redelivered: 0, installations: 0, repositories: 0, reconciled: 0, backfilled: 0, feedback: 0 }
  if (repository === null) {
    read.redelivered = await attempt('webhooks', 'failed webhooks', () => askAgain(intake), 0)
    read.installations = await readInstallations(night)
  }
  const rows = await ours(intake.db, repository)
  const looked = new Date()
  const seen = await lookAt(night, rows)
  for (const row of rows) {
    read.repositories += 1
    // A long night: what was seen at its beginning must not undo what owners said since.
    const isFresh = Date.now() - looked.getTime() < freshMs
    await readRepository(night, row, { seen: isFresh ? (seen.get(row.id) ?? null) : null, looked }, read)
  }
  for (const candidate of await dueFeedback(intake.db, new Date(Date.now() - deliveriesMs))) {
    const asking = () => feedbackSoon(intake.db, queue, candidate)
    await attempt('feedback', `feedback of candidate ${candidate}`, asking, undefined)
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
async function readInstallations({ intake, queue, attempt }: Night): Promise<number> {
  const { db, github } = intake
  const listing = async () => {
    const app = await github.app()
    return app === null ? null : appInstallations(app)
  }
  const present = await attempt('installations', 'installations', listing, null)
  if (present === null) return 0
  const events = makeEvents(db, queue, github)
  for (const one of present) {
    const reading = () =>
      one.suspended ? events.installationChanged(one.id, 'suspended') : readInstallation(intake, events, one)
    await attempt('installations', `installation ${one.account}`, reading, undefined)
  }
  const ids = new Set(present.map(({ id }) => id))
  // Those of another App are not on the list of this one: somebody who starts with the wrong one must not erase everything.
  const isOurs = and(ne(installations.state, 'removed'), eq(installations.appId, github.appId ?? 0))
  for (const { id } of await db.select({ id: installations.id }).from(installations).where(isOurs)) {
    if (!ids.has(id)) await attempt('installations', `installation ${id}`, () => events.uninstalled(id), undefined)
  }
  return present.length
}

/** What is new is read and backfilled by this very night; no job is added for it. */
async function readInstallation(
  { db, github, signal }: GitHubIntake,
  events: ReturnType<typeof makeEvents>,
  { id, account, permissions }: GitHubInstallation,
): Promise<void> {
  const granted = await installationRepositories(await github.client(id, 'backfill', signal))
  const known = await db
    .select({ forgeId: repositories.forgeId })
    .from(repositories)
    .where(and(eq(repositories.installationId, id), eq(repositories.state, 'active')))
  const before = new Set(known.map(({ forgeId }) => forgeId))
  await db.transaction(async (tx) => {
    await storeInstallation(tx, github, { id, account, permissions })
    for (const found of granted) if (!before.has(String(found.id))) await storeRepository(tx, github, id, found)
  })
  const now = new Set(granted.map((repository) => String(repository.id)))
  const gone = [...before].filter((forgeId) => forgeId !== null && !now.has(forgeId))
  await events.repositoriesRemoved(id, gone.map(Number))
}

/** The repositories that installations let be read; the one that is named, where one is. */
async function ours(db: Executor, repository: string | null): Promise<RepositoryRow[]> {
  const found = await db
    .select({ row: repositories })
    .from(repositories)
    .innerJoin(installations, eq(installations.id, repositories.installationId))
    .where(and(ne(installations.id, 0), eq(installations.state, 'active'), eq(repositories.state, 'active')))
  const rows = found.map(({ row }) => row)
  if (repository === null) return rows
  const named = rows.filter(({ name }) => name.toLowerCase() === repository.toLowerCase())
  if (named.length > 0) return named
  throw new UserError(`the App is not installed on a repository ${repository}`, { mend: 'write it as owner/name' })
}

/** Looks at all of them, many at a time, and gives what was seen by their rows' ids. Pulls are looked at only where they may be read. */
async function lookAt(
  { intake, attempt }: Night,
  rows: readonly RepositoryRow[],
): Promise<ReadonlyMap<number, RepositoryOverview>> {
  const seen = new Map<number, RepositoryOverview>()
  for (const [installation, held] of Map.groupBy(rows, ({ installationId }) => installationId)) {
    const asked = held.map((row) => ({ ...addressOf(row), pulls: consentOfRow(row).consented }))
    const looking = async () =>
      readOverviews(await intake.github.client(installation, 'backfill', intake.signal), asked, settingsPath)
    const found = await attempt('settings', `repositories of installation ${installation}`, looking, null)
    for (const { id, forgeId } of held) {
      const one = found?.get(Number(forgeId))
      if (one !== undefined) seen.set(id, one)
    }
  }
  return seen
}

/** `seen` null: it has to be read by itself. */
async function readRepository(
  { intake, queue, bounds, attempt }: Night,
  { id, name }: RepositoryRow,
  { seen, looked }: { readonly seen: RepositoryOverview | null; readonly looked: Date },
  read: NightRead,
): Promise<void> {
  const settings = () => followSettings(intake, queue, { repository: id, commit: null }, seen)
  if (!(await attempt('settings', `settings of ${name}`, settings, false))) return
  const reconcile = async () => {
    const news = await newsOf(intake, id, seen, looked)
    return news === 'none' ? 0 : reconcileRepository(intake, id, { pushed: news === 'pushed', fresh: true })
  }
  read.reconciled += await attempt('reconciliation', `pulls of ${name}`, reconcile, 0)
  const backfill = () => backfillRepository(intake, id, bounds)
  read.backfilled += await attempt('backfill', `backfill of ${name}`, backfill, 0)
}

/**
 * What the look showed of a repository since the last time: a push, changed pulls alone, or nothing; that is noted, and neither
 * its list nor its git need be read.
 */
async function newsOf(
  { db }: GitHubIntake,
  id: number,
  seen: RepositoryOverview | null,
  looked: Date,
): Promise<'pushed' | 'pulls' | 'none'> {
  const row = await repositoryById(db, id)
  if (row?.reconciledAt == null || seen?.changedAt === undefined) return 'pulls'
  const since = row.reconciledAt.getTime() - overlapMs
  // A fix may have been taken back without a pull.
  if ((seen.pushedAt?.getTime() ?? 0) >= since) return 'pushed'
  if ((seen.changedAt?.getTime() ?? 0) >= since) return 'pulls'
  await db.update(repositories).set({ reconciledAt: looked }).where(eq(repositories.id, id))
  return 'none'
}
