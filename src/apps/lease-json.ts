import type { Lease } from '../leases/index.ts'
import { listedTask } from '../query/listed.ts'

/** A lease as the API and `--json` give it. */
export function leaseJson({ id, consumer, attempts, state, createdAt, expiresAt, tasks }: Lease) {
  return {
    ...{ lease: id, consumer, attempts, state },
    ...{ created_at: createdAt.toISOString(), expires_at: expiresAt.toISOString() },
    tasks: tasks.map(({ task, state: leaseState }) => ({
      ...listedTask(task),
      ...{ task: task.name, revision: task.revision, content_hash: task.contentHash, lease_state: leaseState },
    })),
  }
}

export type LeaseJson = ReturnType<typeof leaseJson>
