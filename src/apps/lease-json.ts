import type { Lease } from '../leases/index.ts'
import { plainListing } from '../query/listed.ts'

/** A lease as the API and `--json` give it. */
export function leaseJson({ id, consumer, attempts, state, createdAt, expiresAt, tasks }: Lease) {
  return {
    ...{ lease: id, consumer, attempts, state },
    ...{ created_at: createdAt.toISOString(), expires_at: expiresAt.toISOString() },
    tasks: tasks.map(({ task, state: leaseState }) => ({
      ...plainListing(task),
      // Leases ask for it, whatever else does not.
      solve_rate: task.solveRate ?? { attempts: 0, solved: 0, rate: null, signal: null },
      lease_state: leaseState,
    })),
  }
}

export type LeaseJson = ReturnType<typeof leaseJson>
