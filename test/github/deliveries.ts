import { createHmac, randomUUID } from 'node:crypto'
import { isObject, type JsonObject, numberOf, textOf } from './json.ts'

export interface Delivery {
  readonly id: number
  /** The same in every attempt. */
  readonly guid: string
  readonly event: string
  readonly action: string | null
  readonly payload: JsonObject
  readonly to: string
  readonly deliveredAt: Date
  /** Seconds. */
  readonly duration: number
  /** 502 where nothing listened, 504 where nothing was answered within ten seconds, as GitHub records it. */
  readonly statusCode: number
  readonly status: string
  readonly redelivery: boolean
}

export interface Deliveries {
  /** Every attempt, the oldest first. */
  readonly all: Delivery[]
  /** Posts it, signed, and waits for the answer. Never fails: what went wrong is in the delivery's status. */
  deliver(event: string, payload: JsonObject, options: { to: string; guid?: string }): Promise<Delivery>
  /** Sends it again to where it went before, in the background. `false`: there is no such delivery. */
  redeliver(id: number): boolean
  /** Where redeliveries go instead, as when the App moved. */
  moveTo(url: string): void
  /** Until the redeliveries that were asked for have arrived. */
  settled(): Promise<void>
}

export interface Sender {
  readonly appId: number
  readonly secret: string
}

/** GitHub's waiting time. */
const patience = 10_000

export function makeDeliveries(sender: Sender): Deliveries {
  const all: Delivery[] = []
  const underWay = new Set<Promise<unknown>>()
  let movedTo: string | null = null
  let next = 300_001
  const attempt = async (delivery: Pick<Delivery, 'event' | 'payload' | 'to' | 'guid' | 'redelivery'>) => {
    const id = next++
    const started = Date.now()
    const outcome = await send(sender, delivery)
    const action = textOf(delivery.payload.action)
    const duration = (Date.now() - started) / 1000
    const done: Delivery = { ...delivery, ...outcome, id, action, deliveredAt: new Date(started), duration }
    all.push(done)
    return done
  }
  return {
    all,
    deliver: (event, payload, { to, guid = randomUUID() }) => attempt({ event, payload, to, guid, redelivery: false }),
    redeliver(id) {
      const before = all.find((each) => each.id === id)
      if (before === undefined) return false
      const { event, payload, guid } = before
      const sent = attempt({ event, payload, guid, to: movedTo ?? before.to, redelivery: true })
      underWay.add(sent)
      void sent.finally(() => underWay.delete(sent))
      return true
    },
    moveTo(url) {
      movedTo = url
    },
    async settled() {
      await Promise.all(underWay)
    },
  }
}

async function send(
  { appId, secret }: Sender,
  { event, payload, to, guid }: Pick<Delivery, 'event' | 'payload' | 'to' | 'guid'>,
): Promise<{ statusCode: number; status: string }> {
  const body = JSON.stringify(payload)
  const signature = (algorithm: string) => `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`
  const headers = {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/044aadd',
    'x-github-delivery': guid,
    'x-github-event': event,
    'x-github-hook-id': '1',
    'x-github-hook-installation-target-id': String(appId),
    'x-github-hook-installation-target-type': 'integration',
    'x-hub-signature': signature('sha1'),
    'x-hub-signature-256': signature('sha256'),
  }
  try {
    const signal = AbortSignal.timeout(patience)
    const response = await fetch(to, { method: 'POST', headers, body, redirect: 'manual', signal })
    await response.arrayBuffer()
    return { statusCode: response.status, status: response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}` }
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError'
    return late ? { statusCode: 504, status: 'timed out' } : { statusCode: 502, status: 'failed to connect to host' }
  }
}

/** The installation or repository that a payload is about. */
export function idIn(payload: JsonObject, key: 'installation' | 'repository'): number | null {
  const subject = payload[key]
  return isObject(subject) ? numberOf(subject.id) : null
}
