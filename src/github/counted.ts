import { z } from 'zod'
import type { GitHubAccess, GitHubClient } from './types.ts'

/** What was asked of GitHub. A REST request takes one of the hour's requests, a query its points; git has no such budget. */
export interface GitHubCost {
  readonly rest: number
  readonly graphql: number
  readonly points: number
}

export interface Counted {
  /** The same ways to GitHub. */
  readonly access: GitHubAccess
  /** What was asked by them until now. */
  cost(): GitHubCost
}

/** What a query cost, as it asked for; Octokit throws an answer in part with its data. */
const told = z.object({ rateLimit: z.object({ cost: z.int() }) })
const thrown = z.object({ data: told })

/** Counts what one piece of work asks of GitHub, beside whatever else this process asks. */
export function counted(access: GitHubAccess): Counted {
  const cost = { rest: 0, graphql: 0, points: 0 }
  const counting = (client: GitHubClient): GitHubClient => ({
    request(route, parameters) {
      cost.rest += 1
      return client.request(route, parameters)
    },
    async graphql(query, variables) {
      cost.graphql += 1
      try {
        const answer = await client.graphql(query, variables)
        cost.points += told.safeParse(answer).data?.rateLimit.cost ?? 1
        return answer
      } catch (error) {
        cost.points += thrown.safeParse(error).data?.data.rateLimit.cost ?? 0
        throw error
      }
    },
  })
  return {
    access: {
      ...access,
      client: async (...asked) => counting(await access.client(...asked)),
      app: async () => {
        const app = await access.app()
        return app === null ? null : counting(app)
      },
    },
    cost: () => ({ ...cost }),
  }
}
