import { z } from 'zod'
import { asFault } from './failures.ts'
import type { GitHubClient } from './types.ts'

const delivery = z.object({
  id: z.number(),
  guid: z.string(),
  delivered_at: z.string(),
  status_code: z.number(),
})

/** A webhook that GitHub could not hand over: no attempt at it was answered with success. */
export interface FailedDelivery {
  /** Of the last attempt. */
  readonly id: number
  readonly guid: string
}

const nextPage = /<[^>]*[?&]cursor=(?<cursor>[^&>]+)[^>]*>;\s*rel="next"/

/** The App's deliveries since `since` that failed, by GitHub's list, which goes three days back. `client` is the App's own. */
export async function failedDeliveries(client: GitHubClient, since: Date): Promise<FailedDelivery[]> {
  const last = new Map<string, FailedDelivery>()
  const done = new Set<string>()
  for (let cursor: string | undefined; ; ) {
    const { data, headers } = await client
      .request('GET /app/hook/deliveries', { per_page: 100, ...(cursor === undefined ? {} : { cursor }) })
      .catch((error: unknown) => {
        throw asFault(error)
      })
    const page = z.array(delivery).parse(data)
    const recent = page.filter(({ delivered_at: at }) => Date.parse(at) >= since.getTime())
    for (const { id, guid, status_code: status } of recent) {
      if (status >= 200 && status < 300) done.add(guid)
      // The list is newest first.
      else if (!last.has(guid)) last.set(guid, { id, guid })
    }
    const next = nextPage.exec(String(headers.link ?? ''))?.groups?.cursor
    if (next === undefined || recent.length < page.length) break
    cursor = decodeURIComponent(next)
  }
  return [...last.values()].filter(({ guid }) => !done.has(guid))
}

/** Asks GitHub to try a delivery again. */
export async function redeliver(client: GitHubClient, { id }: FailedDelivery): Promise<void> {
  await client
    .request('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id: id })
    .catch((error: unknown) => {
      throw asFault(error)
    })
}
