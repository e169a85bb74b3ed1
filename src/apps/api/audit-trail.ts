import { type Caller, completeServing, recordServings, type Serving } from '../../access/index.ts'
import type { Db } from '../../db/connect.ts'

/** Who was served what. Wait for it before the first byte leaves: nothing is served that is not written down. */
export interface AuditTrail {
  served(caller: Caller, serving: Serving): Promise<void>
  /** Of an answer that goes out as it is read: the row is there first, and is told at the end how many tasks it was. */
  begun(
    caller: Caller,
    serving: Omit<Serving, 'tasks'>,
  ): Promise<(tasks: number, detail?: Serving['detail']) => Promise<void>>
}

interface Waiting {
  readonly caller: Caller
  readonly serving: Serving
  readonly settle: { resolve(id: number | null): void; reject(error: unknown): void }
}

/** Requests that come together share one statement and its commit, so that many at once take no longer than one. */
export function makeAuditTrail(db: Db): AuditTrail {
  let waiting: Waiting[] = []
  let writing = false
  const write = async () => {
    writing = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      await writeTogether(db, batch)
    }
    writing = false
  }
  const record = (caller: Caller, serving: Serving) =>
    new Promise<number | null>((resolve, reject) => {
      waiting.push({ caller, serving, settle: { resolve, reject } })
      if (!writing) void write()
    })
  return {
    async served(caller, serving) {
      await record(caller, serving)
    },
    async begun(caller, serving) {
      const id = await record(caller, { ...serving, tasks: 0 })
      return async (tasks, detail) => {
        if (id !== null) await completeServing(db, id, { tasks, ...(detail === undefined ? {} : { detail }) })
      }
    },
  }
}

/** Never rejects: each that waits is told. */
async function writeTogether(db: Db, batch: readonly Waiting[]): Promise<void> {
  try {
    const ofTokens = batch.filter(({ caller }) => caller.tokenId !== null)
    const ids = await recordServings(db, ofTokens)
    const idOf = new Map(ofTokens.map((each, at) => [each, ids[at] ?? null]))
    for (const each of batch) each.settle.resolve(idOf.get(each) ?? null)
  } catch (error) {
    for (const { settle } of batch) settle.reject(error)
  }
}
