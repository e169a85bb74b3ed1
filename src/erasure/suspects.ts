import { sql } from 'drizzle-orm'
import type { Digest } from '../blobs/types.ts'
import type { Tx } from '../db/connect.ts'
import { attempts, environments, tasks } from '../db/schema.ts'
import { candidatesIn, type Scope, tasksIn } from './scope.ts'

/** What disks may have to lose once the rows are gone: it goes there unless another row still names it. */
export interface Suspects {
  readonly layers: readonly string[]
  readonly blobs: readonly Digest[]
}

/** Environments that were built for the scope, or that its candidates tried. */
export function environmentsIn(scope: Scope) {
  const tried = sql`${environments.id} in (select ${attempts.environmentId} from ${attempts} where ${attempts.candidateId} in ${candidatesIn(scope)})`
  return scope.pull === null ? sql`(${tried} or ${environments.repositoryId} = ${scope.repositoryId})` : tried
}

/** Digests that the scope's rows name. Ask before the rows go. */
export async function suspectsIn(tx: Tx, scope: Scope): Promise<Suspects> {
  const candidates = candidatesIn(scope)
  const blobs = await tx.execute<{ digest: Digest }>(sql`
    select distinct digest from (
      select log as digest from runs where candidate_id in ${candidates}
      union all select log from attempts where candidate_id in ${candidates}
      union all select changed->>'content' from attempts, jsonb_array_elements(strategy->'overrides') changed
        where candidate_id in ${candidates}
      union all select blob from environments where ${environmentsIn(scope)}
      union all select log from environments where ${environmentsIn(scope)}
      union all select log from grades where task_id in (select id from tasks where ${tasksIn(scope) ?? sql`true`})
      union all select blob from snapshot_archives where task_id in (select id from tasks where ${tasksIn(scope) ?? sql`true`})
    ) named where digest like 'sha256:%'`)
  const layers = await tx.select({ layer: environments.layer }).from(environments).where(environmentsIn(scope))
  return { blobs: blobs.rows.map(({ digest }) => digest), layers: layers.flatMap(({ layer }) => layer ?? []) }
}

/** No attempt and no task has it. */
export const isUnusedEnvironment = sql`not exists (select 1 from ${attempts} where ${attempts.environmentId} = ${environments.id})
  and not exists (select 1 from ${tasks} where ${tasks.environmentId} = ${environments.id})`
