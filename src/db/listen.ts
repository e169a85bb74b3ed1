import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { SturdyClient } from './pool.ts'

/** What is told on one channel of the database, heard by however many wait in this process over one connection. */
export interface Listener {
  /**
   * Resolves when `payload` is told, when something may have been missed (the connection is new), or when the signal aborts: true
   * unless it is that.
   */
  heard(payload: string, signal: AbortSignal): Promise<boolean>
  close(): Promise<void>
}

const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 5000

/** Starts listening in the background; a server that is away is tried again until it is back. */
export function listenOn(settings: pg.ClientConfig, channel: string, log: Log): Listener {
  const waiting = new Map<string, Set<() => void>>()
  const closing = new AbortController()
  const wake = (payload: string) => {
    for (const each of waiting.get(payload) ?? []) each()
  }
  const connected = () => {
    for (const payload of [...waiting.keys()]) wake(payload)
  }
  const running = stayConnected(settings, channel, { wake, connected, log, signal: closing.signal })
  return {
    heard: (payload, signal) => {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const woken = () => resolve(true)
      const given = () => resolve(false)
      const others = waiting.get(payload) ?? new Set()
      waiting.set(payload, others.add(woken))
      if (signal.aborted) given()
      signal.addEventListener('abort', given, { once: true })
      return promise.finally(() => {
        signal.removeEventListener('abort', given)
        others.delete(woken)
        if (others.size === 0 && waiting.get(payload) === others) waiting.delete(payload)
      })
    },
    async close() {
      closing.abort()
      connected()
      await running
    },
  }
}

interface Ears {
  wake(payload: string): void
  connected(): void
  readonly log: Log
  readonly signal: AbortSignal
}

async function stayConnected(settings: pg.ClientConfig, channel: string, ears: Ears): Promise<void> {
  for (let wait = FIRST_RETRY_MS; !ears.signal.aborted; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
    try {
      await listenOnce(settings, channel, {
        ...ears,
        connected: () => {
          wait = FIRST_RETRY_MS
          ears.connected()
        },
      })
    } catch (error) {
      ears.log.debug({ error: messageOf(error) }, 'listening failed')
    }
    await delay(wait, undefined, { signal: ears.signal, ref: false }).catch(() => undefined)
  }
}

/** Until the connection ends. */
async function listenOnce(settings: pg.ClientConfig, channel: string, ears: Ears): Promise<void> {
  const client = new SturdyClient({ ...settings, application_name: 'quarry listen', keepAlive: true })
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()))
  const end = () => {
    client.end().catch(() => undefined)
  }
  client.on('notification', ({ payload }) => ears.wake(payload ?? ''))
  ears.signal.addEventListener('abort', end, { once: true })
  try {
    await client.connect()
    await client.query(`listen ${client.escapeIdentifier(channel)}`)
    ears.connected()
    await ended
  } finally {
    ears.signal.removeEventListener('abort', end)
    end()
  }
}
