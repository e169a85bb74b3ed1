import { z } from 'zod'
import { asFault } from './failures.ts'
import type { GitHubClient } from './types.ts'

const installation = z.object({
  id: z.int(),
  account: z.object({ login: z.string().optional(), slug: z.string().optional() }).nullable(),
  permissions: z.record(z.string(), z.string()),
  suspended_at: z.string().nullish(),
})

/** An installation of the App as GitHub has it now. */
export interface GitHubInstallation {
  readonly id: number
  readonly account: string
  readonly permissions: Readonly<Record<string, string>>
  readonly suspended: boolean
}

/** Where the App is installed. `client` is the App's own. */
export async function appInstallations(client: GitHubClient): Promise<GitHubInstallation[]> {
  const found: GitHubInstallation[] = []
  for (let page = 1; ; page += 1) {
    const { data } = await client.request('GET /app/installations', { per_page: 100, page }).catch((error: unknown) => {
      throw asFault(error)
    })
    const list = z.array(installation).parse(data)
    found.push(
      ...list.map(({ id, account, permissions, suspended_at: suspended }) => ({
        ...{ id, permissions },
        account: account?.login ?? account?.slug ?? '',
        suspended: suspended != null,
      })),
    )
    if (list.length < 100) return found
  }
}
