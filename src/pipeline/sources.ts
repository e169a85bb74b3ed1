import type { RepositoryRow } from '../db/candidates.ts'
import { findSource, type Source } from '../git/index.ts'
import type { GitHubAccess } from '../github/index.ts'

/** Where a stored repository is fetched from, and with what right. */
export type Sources = (repository: RepositoryRow) => Promise<Source>

/** The path or URL that each was last read from; those of an installation with a token of that installation. */
export function makeSources(github: GitHubAccess | null): Sources {
  return async (repository) => {
    const source = await findSource(repository.origin, {
      name: repository.name,
      forge: repository.forge,
      directory: '/',
    })
    const isOurs = github !== null && !source.local && repository.forge === github.forge
    return isOurs ? { ...source, authorization: await github.gitAuthorization(repository.installationId) } : source
  }
}
