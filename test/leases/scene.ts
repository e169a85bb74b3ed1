import { sql } from 'drizzle-orm'
import { localCaller } from '../../src/access/index.ts'
import type { Db } from '../../src/db/connect.ts'
import { type Lease, type LeaseOptions, type LeaseRequest, lease } from '../../src/leases/index.ts'
import { addRepository } from '../filled-database.ts'

/** Publishes so many plain tasks of a repository, in one statement; numbers of pulls go on from `first`. */
export async function addTasks(db: Db, repository: string, count: number, first = 1): Promise<void> {
  const {
    rows: [known],
  } = await db.execute<{ id: string }>(sql`select id from repositories where name = ${repository}`)
  const id = known === undefined ? await addRepository(db, repository) : Number(known.id)
  await db.transaction(async (tx) => {
    await tx.execute(sql`
      insert into publication_counter (last) values (${count})
      on conflict (one) do update set last = publication_counter.last + ${count}`)
    await tx.execute(sql`
      with made as (
        insert into tasks (repository_id, name, revision, content_hash, repository, pull, miner, ecosystem, language, frameworks, statement,
          fail_to_pass, before_statuses, pass_to_pass, fail_to_pass_count, pass_to_pass_count, flaky, flags, files_changed, lines_changed,
          after_seconds, cores, visibility, merged_at, earliest_at, sequence)
        select ${id}, replace(${repository}, '/', '__') || '-' || n, 1, 'sha256:' || n, ${repository}, n, 'linked-pull', 'node', 'javascript',
          '["mocha"]', '{"title":"T","issue":"","hints":""}', '["a"]', '{"a":"failed"}', '', 1, 0, '[]', '[]', 1, 2, 1, 1, 'public',
          '2024-05-01', '2024-04-01', (select last from publication_counter) - ${count} + n - ${first} + 1
        from generate_series(${first}::int, ${first + count - 1}::int) n
        returning id, sequence)
      insert into publications (sequence, task_id, event) select sequence, id, 'published' from made order by sequence`)
  })
}

const plain: LeaseRequest = {
  consumer: 'fresh',
  count: 1,
  ttlSeconds: 3600,
  attempts: 1,
  filter: {},
  againAfterSeconds: null,
}

/** Leases for the command line, which sees everything. */
export async function leased(db: Db, request: Partial<LeaseRequest> = {}, options: LeaseOptions = {}): Promise<Lease> {
  const answer = await lease(db, localCaller, { ...plain, ...request }, options)
  if ('refused' in answer) throw new Error(`refused: ${answer.refused}`)
  return answer.lease
}

export const namesOf = ({ tasks }: Lease): string[] => tasks.map(({ task }) => task.name)

/** As if so many seconds had passed for a lease; null: for all. */
export async function letPass(db: Db, id: string | null, seconds: number): Promise<void> {
  const which = id === null ? sql`true` : sql`id = ${id}`
  await db.execute(
    sql`update task_leases set expires_at = expires_at - make_interval(secs => ${seconds}) where ${which}`,
  )
}
