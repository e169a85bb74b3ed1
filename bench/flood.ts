import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'

export interface Flood {
  /** Where webhooks go. */
  readonly to: string
  readonly secret: string
  readonly event: string
  readonly payload: string
  readonly perSecond: number
  readonly seconds: number
}

export interface Flooded {
  readonly sent: number
  /** Answers of 202. */
  readonly taken: number
  /** Milliseconds from when each was due to its answer, sorted. */
  readonly waits: readonly number[]
  readonly seconds: number
}

/** Most connections that are kept alive. */
const CONNECTIONS = 64

/**
 * Posts signed deliveries, each when it is due, whether or not those before it were answered: a server that stands still is charged
 * for all that came meanwhile.
 */
export async function flood({ to, secret, event, payload, perSecond, seconds }: Flood): Promise<Flooded> {
  const { origin, pathname } = new URL(to)
  const pool = new Pool(origin, { connections: CONNECTIONS })
  const signature = `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`
  const body = Buffer.from(payload)
  const waits: number[] = []
  let taken = 0
  const started = performance.now()
  const post = async (due: number) => {
    const { statusCode, body: answer } = await pool.request({
      ...{ method: 'POST', path: pathname, body },
      headers: {
        'content-type': 'application/json',
        'x-github-event': event,
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': signature,
      },
    })
    await answer.dump()
    waits.push(performance.now() - due)
    if (statusCode === 202) taken += 1
  }
  const posts: Promise<void>[] = []
  for (const total = perSecond * seconds; posts.length < total; await delay(1)) {
    const now = performance.now()
    while (posts.length < total && started + (posts.length * 1000) / perSecond <= now)
      posts.push(post(started + (posts.length * 1000) / perSecond))
  }
  await Promise.all(posts)
  const took = (performance.now() - started) / 1000
  await pool.close()
  return { sent: posts.length, taken, waits: waits.sort((a, b) => a - b), seconds: took }
}
