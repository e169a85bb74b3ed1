import type { GitHubClient, PullPage } from '../../github/index.ts'
import type { PullLine } from '../../model/index.ts'
import { closingOf, type NamedRepository, readDetails, readPage } from './take-in-pulls.ts'

/**
 * A repository's merged pulls as GitHub lists them, newest first, as the lines of a pulls file; those that close issues are read
 * whole. For the command line: what a backfill stores as it goes is read anew each time.
 */
export async function* linesFromGitHub(
  client: GitHubClient,
  repository: NamedRepository,
): AsyncGenerator<{ readonly pull: PullLine }> {
  for (let after: string | null = null; ; ) {
    const page: PullPage = await readPage(client, repository, { after })
    const whole = await readDetails(client, repository, closingOf(page.pulls))
    for (const { line } of page.pulls) yield { pull: whole.get(line.number)?.line ?? line }
    if (page.next === null) return
    after = page.next
  }
}
