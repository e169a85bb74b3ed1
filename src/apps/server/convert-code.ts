import { ProbotOctokit } from 'probot'
import { z } from 'zod'
import type { GitHubConfig } from '../../config.ts'
import type { Log } from '../../log.ts'

const conversion = z.object({
  id: z.int(),
  html_url: z.url(),
  webhook_secret: z.string(),
  pem: z.string(),
})

export type NewApp = z.infer<typeof conversion>

/** Changes the code that GitHub's redirect brought for the App's credentials. Throws what Octokit throws. */
export async function convertCode({ apiUrl }: GitHubConfig, code: string, log: Log): Promise<NewApp> {
  // The code is a secret until it is used, and stands in the address that Octokit logs.
  const octokit = new ProbotOctokit({ baseUrl: apiUrl, log: log.child({}, { level: 'silent' }) })
  const { data } = await octokit.request('POST /app-manifests/{code}/conversions', { code })
  return conversion.parse(data)
}
