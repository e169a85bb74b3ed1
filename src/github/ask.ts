import { z } from 'zod'
import type { GitHubClient } from './types.ts'

/** What Octokit throws where GitHub answers in part: the answer, and what is wrong with the rest. */
const partial = z.object({ data: z.unknown(), errors: z.array(z.object({ type: z.string().optional() })) })

/** Sends a query. What is not there (any more) comes back as null beside the rest, and is no failure of the whole. */
export async function ask(
  client: GitHubClient,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  try {
    return await client.graphql(query, variables)
  } catch (error) {
    const answer = partial.safeParse(error)
    const isMissing = answer.success && answer.data.errors.every(({ type }) => type === 'NOT_FOUND')
    if (!isMissing || answer.data.data == null) throw error
    return answer.data.data
  }
}
