import { z } from 'zod'
import { ask } from './ask.ts'
import { asFault } from './failures.ts'
import { overviewQuery } from './queries.ts'
import type { GitHubClient, GitHubRepository, RepositoryAddress } from './types.ts'

/** A repository at one look: what it is now, a file of its default branch, and when its merged pulls last changed. */
export interface RepositoryOverview extends GitHubRepository {
  /** The file's text; null where there is none. */
  readonly file: string | null
  /** The same file of the owner's repository `.github`. */
  readonly ownersFile: string | null
  /** When the merged pull that was changed last was changed; null where there is none; undefined where it was not asked for. */
  readonly changedAt: Date | null | undefined
  /** When somebody last pushed to it, to whichever branch; null: nobody ever did. */
  readonly pushedAt: Date | null
}

export interface OverviewRequest extends RepositoryAddress {
  /** Whether its pulls may be looked at. */
  readonly pulls: boolean
}

/** Repositories in one request: GitHub gives an answer ten seconds. */
export const overviewsAtOnce = 50

const held = z.object({
  object: z.object({ text: z.string().nullish(), isTruncated: z.boolean().optional() }).nullable(),
})
const repository = held.extend({
  databaseId: z.int(),
  nameWithOwner: z.string(),
  isPrivate: z.boolean(),
  isArchived: z.boolean(),
  pushedAt: z.string().nullable(),
  defaultBranchRef: z.object({ name: z.string() }).nullable(),
  pullRequests: z.object({ nodes: z.array(z.object({ updatedAt: z.string() }).nullable()).nullable() }).optional(),
})

/**
 * Looks at many repositories, fifty in a request of one point: read one by one they take four. Gives them by their numbers. Those that
 * are gone, or whose file can't be told this way, are left out: they have to be read by themselves.
 */
export async function readOverviews(
  client: GitHubClient,
  asked: readonly OverviewRequest[],
  path: string,
): Promise<ReadonlyMap<number, RepositoryOverview>> {
  const found = new Map<number, RepositoryOverview>()
  for (let at = 0; at < asked.length; at += overviewsAtOnce) {
    const some = asked.slice(at, at + overviewsAtOnce)
    for (const one of await readSome(client, some, path)) found.set(one.id, one)
  }
  return found
}

async function readSome(
  client: GitHubClient,
  asked: readonly OverviewRequest[],
  path: string,
): Promise<RepositoryOverview[]> {
  const owners = [...new Set(asked.map(({ owner }) => owner))]
  const answer = await ask(client, overviewQuery(asked, owners, path), {}).catch((error: unknown) => {
    throw asFault(error)
  })
  const data = z.record(z.string(), z.unknown()).parse(answer)
  const files = new Map(owners.map((owner, at) => [owner, textIn(held.nullable().parse(data[`o${at}`] ?? null))]))
  return asked.flatMap(({ owner }, at) => {
    const one = repository.nullable().parse(data[`r${at}`] ?? null)
    const [file, ownersFile] = [textIn(one), files.get(owner)]
    if (one === null || file === undefined || ownersFile === undefined) return []
    return [{ ...factsOf(one), file, ownersFile }]
  })
}

function factsOf(one: z.infer<typeof repository>): Omit<RepositoryOverview, 'file' | 'ownersFile'> {
  const [newest] = one.pullRequests?.nodes ?? []
  return {
    id: one.databaseId,
    fullName: one.nameWithOwner,
    private: one.isPrivate,
    archived: one.isArchived,
    defaultBranch: one.defaultBranchRef?.name ?? null,
    pushedAt: one.pushedAt === null ? null : new Date(one.pushedAt),
    changedAt: one.pullRequests === undefined ? undefined : newest == null ? null : new Date(newest.updatedAt),
  }
}

/** The text; null where there is no such file; undefined where it is cut short, is no text, or may be a link: its text is one path. */
function textIn(one: z.infer<typeof held> | null): string | null | undefined {
  if (one === null || one.object === null) return null
  const { text, isTruncated } = one.object
  // A folder has neither.
  if (isTruncated === undefined) return null
  if (text == null || isTruncated || /^[^\s:]+$/.test(text)) return undefined
  return text
}
