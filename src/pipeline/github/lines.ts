import {
  asFault,
  detailsAtOnce,
  type GitHubClient,
  listMergedPulls,
  type PullPage,
  type RepositoryAddress,
  readPulls,
} from '../../github/index.ts'
import { closingReferences } from '../../intake/index.ts'
import type { PullLine } from '../../model/index.ts'

/**
 * A repository's merged pulls as GitHub lists them, newest first, as the lines of a pulls file; those that close issues are read
 * whole. For the command line: what a backfill stores as it goes is read anew each time.
 */
export async function* linesFromGitHub(
  client: GitHubClient,
  address: RepositoryAddress,
  forge: string,
): AsyncGenerator<{ readonly pull: PullLine }> {
  const references = { repository: `${address.owner}/${address.name}`, forge }
  const byMessages = (messages: readonly string[]) =>
    messages.flatMap((message) => closingReferences(message, 'message', references).own)
  for (let after: string | null = null; ; ) {
    const page: PullPage = await orFault(listMergedPulls(client, address, { after }))
    const closing = page.pulls.filter((pull) => pull.closing > 0).map(({ line }) => line.number)
    const whole = new Map<number, PullLine>()
    for (let at = 0; at < closing.length; at += detailsAtOnce) {
      const read = await orFault(readPulls(client, address, closing.slice(at, at + detailsAtOnce), byMessages))
      for (const { line } of read) whole.set(line.number, line)
    }
    for (const { line } of page.pulls) yield { pull: whole.get(line.number) ?? line }
    if (page.next === null) return
    after = page.next
  }
}

function orFault<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    throw asFault(error)
  })
}
