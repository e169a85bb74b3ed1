import type { PgBoss, Queue as QueueSettings } from 'pg-boss'

/** Where parked jobs of every name are. */
export const DEAD = 'dead'

export interface RetryPolicy {
  /** Attempts after the first. */
  readonly limit: number
  /** Before the first retry; doubles with each, up to five minutes. */
  readonly delaySeconds: number
}

const YEAR_SECONDS = 365 * 24 * 3600

type Settings = Omit<QueueSettings, 'name' | 'partition'>

function settings(retry: RetryPolicy): Settings {
  return {
    // One job of a key, queued or running; when it is done the key is free again.
    policy: 'exclusive',
    notify: true,
    deadLetter: DEAD,
    retryLimit: retry.limit,
    retryDelay: retry.delaySeconds,
    retryBackoff: true,
    retryDelayMax: 300,
    // A dead machine's jobs: its heartbeats stop. (Dead processes of a living machine are found at once.)
    heartbeatSeconds: 60,
    // An install and two suites fit; handlers have limits of their own.
    expireInSeconds: 12 * 3600,
    retentionSeconds: YEAR_SECONDS,
    deleteAfterSeconds: 24 * 3600,
  }
}

/** Makes the queues that are missing, and brings those of an older version up to date. */
export async function ensureQueues(boss: PgBoss, names: readonly string[], retry: RetryPolicy): Promise<void> {
  const present = new Map((await boss.getQueues([...names, DEAD])).map((queue) => [queue.name, queue]))
  if (!present.has(DEAD))
    await boss.createQueue(DEAD, { retentionSeconds: YEAR_SECONDS, deleteAfterSeconds: YEAR_SECONDS })
  const wanted = settings(retry)
  for (const name of names) {
    const queue = present.get(name)
    if (queue === undefined) await boss.createQueue(name, wanted)
    else if (differs(queue, wanted)) await boss.updateQueue(name, withoutPolicy(wanted))
  }
}

function differs(queue: Settings, wanted: Settings): boolean {
  const stored = new Map<string, unknown>(Object.entries(queue))
  return Object.entries(wanted).some(([key, value]) => stored.get(key) !== value)
}

/** The policy of a queue is fixed when it is made. */
function withoutPolicy({ policy: _, ...rest }: Settings): Omit<Settings, 'policy'> {
  return rest
}
