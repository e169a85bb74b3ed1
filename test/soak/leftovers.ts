import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import type { Db } from '../../src/db/connect.ts'

/** No candidate undecided or at fault, no task without its publication, no run twice, no lease or job held, waiting or parked. */
export async function expectWholeRows(db: Db): Promise<void> {
  const { rows } = await db.execute(sql`select
    (select count(*)::int from candidates where state = 'proposed') as undecided,
    (select count(*)::int from candidates where state = 'fault') as faults,
    (select count(*)::int from candidates c where state = 'vetted' and not exists (select 1 from tasks t where t.candidate_id = c.id)) as vetted_without_task,
    (select count(*)::int from tasks t where not exists (select 1 from publications p where p.task_id = t.id and p.sequence = t.sequence)) as unpublished,
    (select count(*)::int from (select 1 from tasks group by name having count(*) > 1) twice) as tasks_twice,
    (select count(*)::int from (select 1 from publications where event = 'published' group by task_id having count(*) > 1) twice) as published_twice,
    (select count(*)::int from (select 1 from runs group by candidate_id, attempt_id, state, part, ordinal having count(*) > 1) twice) as runs_twice,
    (select count(*)::int from deliveries where state = 'waiting') as waiting_deliveries,
    (select count(*)::int from pgboss.job where state = 'active') as active_jobs,
    (select count(*)::int from pgboss.job where name = 'dead') as parked_jobs,
    (select count(*)::int from jobs_in_hand) as jobs_in_hand,
    (select count(*)::int from leases) as leases`)
  expect(rows[0]).toEqual({
    undecided: 0,
    faults: 0,
    vetted_without_task: 0,
    unpublished: 0,
    tasks_twice: 0,
    published_twice: 0,
    runs_twice: 0,
    waiting_deliveries: 0,
    active_jobs: 0,
    parked_jobs: 0,
    jobs_in_hand: 0,
    leases: 0,
  })
}

/** No process, mount, work tree, scratch or control group of a data folder. `pids` are the processes that worked on it. */
export function expectNothingLeft(home: string, pids: readonly number[] = []): void {
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(home)
  const commands = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  expect(commands.split('\n').filter((line) => line.includes(home))).toEqual([])
  for (const folder of ['work', 'sandboxes']) {
    const left = readdirSync(join(home, folder), { recursive: true }).map(String)
    expect(
      left.filter((path) => path.includes('snapshot-') || path.includes('scratch-') || path.includes('run-')),
    ).toEqual([])
  }
  expect(controlGroups().filter((group) => pids.some((pid) => group.includes(`-${pid}-`)))).toEqual([])
}

const cgroups = '/sys/fs/cgroup'

/** Quarry's own, of whatever process. */
function controlGroups(): string[] {
  if (!existsSync(cgroups)) return []
  const argv = [cgroups, '-type', 'd', '-name', 'quarry-*', '-printf', '%f\\n']
  return execFileSync('find', argv, { encoding: 'utf8' }).split('\n').filter(Boolean)
}
