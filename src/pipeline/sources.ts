import type { RepositoryRow } from '../db/candidates.ts'
import { findSource, type Source } from '../git/index.ts'

/** Where a stored repository is fetched from: the path or URL it was last read from. */
export async function sourceOf(repository: RepositoryRow): Promise<Source> {
  return findSource(repository.origin, { name: repository.name, forge: repository.forge, directory: '/' })
}
