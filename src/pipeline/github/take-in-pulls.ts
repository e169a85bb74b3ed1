import type { Miner } from '../../../miners/index.ts'
import type { AddNext, RepositoryRow } from '../../db/candidates.ts'
import type { Db } from '../../db/connect.ts'
import { forgottenPulls } from '../../erasure/standing.ts'
import { Fault } from '../../errors.ts'
import { defaultBranch, EmptySource, type Mirror } from '../../git/index.ts'
import {
  asFault,
  detailsAtOnce,
  type GitHubAccess,
  type GitHubClient,
  type ListedPull,
  listMergedPulls,
  type PullDetails,
  type PullPage,
  type RepositoryAddress,
  readPulls,
} from '../../github/index.ts'
import { closingReferences, type Discovery, isFound, openDiscovery, retold } from '../../intake/index.ts'
import { addLogFields } from '../../log.ts'
import type { PullLine, PullSource } from '../../model/index.ts'
import type { Mirrors } from '../mirrors.ts'
import type { Sources } from '../sources.ts'
import { type TakenIn, takeIn } from '../take-in.ts'

/** What taking in pulls from GitHub needs. */
export interface GitHubIntake {
  readonly db: Db
  readonly mirrors: Mirrors
  readonly sources: Sources
  readonly github: GitHubAccess
  readonly miner: Miner
  readonly addNext: AddNext
  readonly signal: AbortSignal
}

/** A repository being read: its mirror up to date, its history read. */
export interface OpenRepository {
  readonly row: RepositoryRow
  readonly mirror: Mirror
  /** Reads pulls whole; those that are gone are left out. */
  read(numbers: readonly number[]): Promise<ReadonlyMap<number, PullDetails>>
  /** Takes in pulls by their lines, those that were read whole by what was read. */
  takeIn(lines: readonly PullLine[], whole: ReadonlyMap<number, PullDetails>, source: PullSource): Promise<TakenIn>
  /** Takes in pulls that are known as they are known: what has changed is their history. */
  seeAgain(lines: readonly PullLine[], source: PullSource): Promise<TakenIn>
}

/** Right after a merge, GitHub's git may not have yet what its events tell of. */
const settlingMs = 10 * 60 * 1000

/** Null where it holds no commits (any more). */
export async function openForIntake(
  intake: GitHubIntake,
  row: RepositoryRow,
  client: GitHubClient,
): Promise<OpenRepository | null> {
  const { db, mirrors, sources, miner, addNext, signal } = intake
  const mirror = await mirrors.update(row.id, await sources(row), { signal }).catch((error: unknown) => {
    if (error instanceof EmptySource) return null
    throw error
  })
  if (mirror === null) {
    addLogFields({ passed: 'the repository holds no commits' })
    return null
  }
  const discovery = await openDiscovery(mirror, { repository: row.name, forge: row.forge })
  const judging = { db, repository: row, mirror, defaultBranch: await defaultBranch(mirror), miner, addNext }
  // Neither read nor stored again, whoever tells of them.
  const forgotten = await forgottenPulls(db, row.id)
  const read = (numbers: readonly number[]) =>
    readDetails(
      client,
      row,
      numbers.filter((number) => !forgotten.has(number)),
    )

  /** Those that only the messages of their commits link to an issue come to light with git. */
  const retell = async (found: readonly Discovery[], known: ReadonlyMap<number, PullDetails>) => {
    const closing = found.filter(isFound).filter(({ pull }) => pull.closes.length > 0 && !known.has(pull.number))
    const told = await read(closing.map(({ pull }) => pull.number))
    return found.map((one) => {
      const more = isFound(one) ? (told.get(one.pull.number) ?? known.get(one.pull.number)) : undefined
      return isFound(one) && more !== undefined ? retold(one, more.line, more.elsewhere) : one
    })
  }

  return {
    row,
    mirror,
    read,
    async takeIn(lines, whole, source) {
      const wanted = lines.filter(({ number }) => !forgotten.has(number))
      const known = wanted.map((line) => whole.get(line.number)?.line ?? line)
      const batch = await retell(await discovery.byLines(known, source), whole)
      failWhereUnsettled(batch)
      return takeIn(judging, batch)
    },
    seeAgain: async (lines, source) => takeIn(judging, await discovery.byLines(lines, source)),
  }
}

function failWhereUnsettled(batch: readonly Discovery[]): void {
  for (const one of batch) {
    if (!('refused' in one) || one.refused !== 'commits-missing' || one.mergedAt === null) continue
    if (Date.now() - one.mergedAt.getTime() < settlingMs)
      throw new Fault('github', `the merge commit of pull ${one.number} is not to be fetched yet`)
  }
}

/** Takes in a part of GitHub's list; those that close issues are read whole first. */
export async function takeInListed(open: OpenRepository, pulls: readonly ListedPull[]): Promise<void> {
  const whole = await open.read(closingOf(pulls))
  await open.takeIn(
    pulls.map(({ line }) => line),
    whole,
    'backfill',
  )
}

/** A repository as it is called on its forge. */
export type NamedRepository = Pick<RepositoryRow, 'name' | 'forge'>

/** Reads a page of a repository's merged pulls. Throws Fault where GitHub is to blame. */
export function readPage(
  client: GitHubClient,
  repository: NamedRepository,
  options: Parameters<typeof listMergedPulls>[2],
): Promise<PullPage> {
  return listMergedPulls(client, addressOf(repository), options).catch((error: unknown) => {
    throw asFault(error)
  })
}

/** The numbers of the listed pulls that close issues: those to be read whole. */
export function closingOf(pulls: readonly ListedPull[]): number[] {
  return pulls.filter(({ closing }) => closing > 0).map(({ line }) => line.number)
}

/** Reads a repository's pulls whole, by their numbers; those that are gone are left out. */
export async function readDetails(
  client: GitHubClient,
  repository: NamedRepository,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, PullDetails>> {
  const references = { repository: repository.name, forge: repository.forge }
  const byMessages = (messages: readonly string[]) => [
    ...new Set(messages.flatMap((message) => closingReferences(message, 'message', references).own)),
  ]
  const found = new Map<number, PullDetails>()
  for (let at = 0; at < numbers.length; at += detailsAtOnce) {
    const batch = await readPulls(
      client,
      addressOf(repository),
      numbers.slice(at, at + detailsAtOnce),
      byMessages,
    ).catch((error: unknown) => {
      throw asFault(error)
    })
    for (const details of batch) found.set(details.line.number, details)
  }
  return found
}

export function addressOf({ name }: Pick<RepositoryRow, 'name'>): RepositoryAddress {
  const [owner = '', repository = ''] = name.split('/')
  return { owner, name: repository }
}
