import { asFault, isNotThere } from './failures.ts'
import type { GitHubClient, RepositoryAddress } from './types.ts'

/** The text of a file on the default branch; null where there is none, or the repository may not be read. */
export async function fileText(
  client: GitHubClient,
  { owner, name }: RepositoryAddress,
  path: string,
): Promise<string | null> {
  try {
    const { data } = await client.request('GET /repos/{owner}/{repo}/contents/{+path}', {
      owner,
      repo: name,
      path,
      mediaType: { format: 'raw' },
    })
    return typeof data === 'string' ? data : null
  } catch (error) {
    if (isNotThere(error)) return null
    throw asFault(error)
  }
}
