import type { RepositoryRow } from '../../db/candidates.ts'
import type { Db } from '../../db/connect.ts'
import { forgottenSince } from '../../erasure/standing.ts'
import { Fault, messageOf, UserError } from '../../errors.ts'
import {
  appInstallations,
  type GitHubAccess,
  type GitHubClient,
  type GitHubRepository,
  installationRepositories,
  type RepositoryOverview,
  readOverviews,
} from '../../github/index.ts'
import { settingsPath } from '../../model/index.ts'
import { consentOfRow } from './consent.ts'
import { type BackfillForecast, type ForecastOptions, forecastBackfill } from './forecast.ts'
import { repositoryByForgeId } from './repositories.ts'
import { settingsIn, settingsTexts } from './settings.ts'
import { addressOf, type GitHubIntake } from './take-in-pulls.ts'

/** A repository that the App is installed on, and what its backfill would be like. */
export interface RepositoryForecast {
  readonly repository: string
  readonly private: boolean
  /** How far its backfill is by now. */
  readonly backfill: 'to come' | 'begun' | 'done'
  /** Why its pulls are not read; null: they were. */
  readonly left: 'not-consented' | 'repository-archived' | 'forgotten' | 'fault' | null
  /** What went wrong, of a fault. */
  readonly fault: string | null
  readonly forecast: BackfillForecast | null
}

/**
 * Forecasts the backfill of each repository that the App is installed on, by GitHub's own lists, or of the one that is named. Stores nothing but mirrors of
 * those that have a row. Throws UserError where there is no App, or it is not installed there.
 */
export async function* forecastBackfills(
  intake: GitHubIntake,
  repository: string | null,
  options: ForecastOptions,
): AsyncGenerator<RepositoryForecast> {
  const app = await intake.github.app()
  if (app === null) {
    throw new UserError('there is no App whose repositories could be forecast', {
      mend: '`quarry mine owner/name --dry-run` forecasts one repository',
    })
  }
  const isAsked = ({ fullName }: GitHubRepository) =>
    repository === null || fullName.toLowerCase() === repository.toLowerCase()
  let found = 0
  for (const { id, suspended } of await appInstallations(app)) {
    if (suspended) continue
    const client = await intake.github.client(id, 'backfill', intake.signal)
    const granted = (await installationRepositories(client)).filter(isAsked)
    found += granted.length
    const seen = await lookAt(client, granted)
    for (const one of granted) {
      const row = await rowOf(intake, client, { installation: id, found: one, seen: seen.get(one.id) })
      yield await forecastOne(intake, row, options)
    }
  }
  if (found === 0 && repository !== null)
    throw new UserError(`the App is not installed on a repository ${repository}`, { mend: 'write it as owner/name' })
}

/** Where the look at all of them fails, each is read by itself. */
async function lookAt(
  client: GitHubClient,
  granted: readonly GitHubRepository[],
): Promise<ReadonlyMap<number, RepositoryOverview>> {
  const asked = granted.map(({ fullName }) => ({ ...addressOf({ name: fullName }), pulls: false }))
  try {
    return await readOverviews(client, asked, settingsPath)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return new Map()
  }
}

async function forecastOne(
  intake: GitHubIntake,
  row: RepositoryRow,
  options: ForecastOptions,
): Promise<RepositoryForecast> {
  const backfill = row.backfill === null ? 'to come' : row.backfill.done ? 'done' : 'begun'
  const line = { repository: row.name, private: row.isPrivate, backfill, left: null, fault: null } as const
  const left = await whyLeft(intake.db, row)
  if (left !== null) return { ...line, left, forecast: null }
  try {
    const client = await intake.github.client(row.installationId, 'backfill', intake.signal)
    return { ...line, forecast: await forecastBackfill(intake, row, client, options) }
  } catch (error) {
    intake.signal.throwIfAborted()
    if (!(error instanceof Fault || error instanceof UserError)) throw error
    return { ...line, left: 'fault', fault: messageOf(error), forecast: null }
  }
}

async function whyLeft(db: Db, row: RepositoryRow): Promise<RepositoryForecast['left']> {
  if (row.isArchived) return 'repository-archived'
  if (!consentOfRow(row).consented) return 'not-consented'
  return row.id !== 0 && (await forgottenSince(db, row.id)) !== null ? 'forgotten' : null
}

interface Granted {
  readonly installation: number
  readonly found: GitHubRepository
  readonly seen: RepositoryOverview | undefined
}

/** The row as it would be once it was read now; one of a repository that has none is numbered 0. Nothing is stored. */
async function rowOf(
  { db, github }: GitHubIntake,
  client: GitHubClient,
  { installation, found, seen }: Granted,
): Promise<RepositoryRow> {
  const known = await repositoryByForgeId(db, github.forge, installation, found.id)
  const row = {
    ...(known ?? unknownRow(github, installation, found)),
    ...{ name: found.fullName, isPrivate: found.private, isArchived: found.archived },
  }
  const texts =
    seen === undefined ? await settingsTexts(client, row) : { own: seen.file, organisation: seen.ownersFile }
  return { ...row, settings: settingsIn(texts) }
}

function unknownRow(
  { forge, webUrl }: Pick<GitHubAccess, 'forge' | 'webUrl'>,
  installationId: number,
  { id, fullName, private: isPrivate, archived, defaultBranch }: GitHubRepository,
): RepositoryRow {
  return {
    ...{ id: 0, installationId, forge, forgeId: String(id), name: fullName, origin: `${webUrl}/${fullName}.git` },
    ...{ defaultBranch, isPrivate, isArchived: archived, state: 'active', settings: null, backfill: null },
    ...{ reconciledAt: null, visibility: isPrivate ? 'private' : 'public', createdAt: new Date() },
  }
}
