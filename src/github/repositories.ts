import { z } from 'zod'
import { asFault, isNotThere } from './failures.ts'
import type { GitHubClient, GitHubRepository } from './types.ts'

const repository = z.object({
  id: z.int(),
  full_name: z.string(),
  private: z.boolean(),
  archived: z.boolean(),
  default_branch: z.string().nullish(),
})

/** The repositories that an installation's client may read. */
export async function installationRepositories(client: GitHubClient): Promise<GitHubRepository[]> {
  const found: GitHubRepository[] = []
  for (let page = 1; ; page += 1) {
    const { data } = await client
      .request('GET /installation/repositories', { per_page: 100, page })
      .catch((error: unknown) => {
        throw asFault(error)
      })
    const { repositories } = z.object({ repositories: z.array(repository) }).parse(data)
    found.push(...repositories.map(readRepository))
    if (repositories.length < 100) return found
  }
}

/** By its number, which survives renames. Null where it is not there, or the client may not see it. */
export async function repositoryNumbered(client: GitHubClient, id: string): Promise<GitHubRepository | null> {
  return orNull(client.request('GET /repositories/{id}', { id }))
}

async function orNull(answer: ReturnType<GitHubClient['request']>): Promise<GitHubRepository | null> {
  try {
    return readRepository(repository.parse((await answer).data))
  } catch (error) {
    if (isNotThere(error)) return null
    throw asFault(error)
  }
}

/** A repository as REST and webhooks have it. */
export function readRepository(held: z.infer<typeof repository>): GitHubRepository {
  return {
    id: held.id,
    fullName: held.full_name,
    private: held.private,
    archived: held.archived,
    defaultBranch: held.default_branch ?? null,
  }
}
