import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/connect.ts'
import { jsonLines, makeSample, quarry, runQuarry, type Sample } from '../end-to-end/sample.ts'

const kills = 30

let calm: Sample
let shaken: Sample

beforeAll(async () => {
  calm = await makeSample()
  shaken = await makeSample()
})

afterAll(async () => {
  await calm?.remove()
  await shaken?.remove()
})

const mineArguments = (sample: Sample) => ['mine', sample.path, '--pulls', sample.pullsFile, '--json']

/** What a run brought: each task by its name and content, each refusal by its reason. */
async function outcome(sample: Sample): Promise<unknown[]> {
  const tasks = jsonLines((await runQuarry(['tasks', '--json'], { QUARRY_HOME: sample.home })).stdout)
  const candidates = jsonLines((await runQuarry(['candidates', '--json'], { QUARRY_HOME: sample.home })).stdout)
  return [
    ...tasks
      .map(
        ({ task, revision, fail_to_pass: failToPass, pass_to_pass: passToPass }) =>
          `${task}@${revision} ${failToPass} ${passToPass}`,
      )
      .sort(),
    ...candidates.map(({ pull, state, reason }) => `#${pull} ${state} ${reason}`).sort(),
  ]
}

/** Kills a mining run at a random instant; false where it had come to its end by itself. */
async function mineUntilKilled(sample: Sample, milliseconds: number): Promise<boolean> {
  const { PATH = '', HOME = '' } = process.env
  const child: ChildProcess = spawn(quarry, mineArguments(sample), {
    env: { PATH, HOME, QUARRY_HOME: sample.home },
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await Promise.race([ended, delay(milliseconds)])
  const running = child.exitCode === null && child.signalCode === null
  if (running) child.kill('SIGKILL')
  await ended
  return running
}

test(`${kills} SIGKILLs at random instants, each followed by a restart: the same tasks, nothing half done, nothing left`, async ({
  annotate,
}) => {
  const started = Date.now()
  const undisturbed = await runQuarry(mineArguments(calm), { QUARRY_HOME: calm.home })
  const wholeRun = Date.now() - started
  expect(undisturbed.exitCode, undisturbed.stderr).toBe(0)

  let killed = 0
  for (let at = 0; at < kills; at += 1) {
    // Up to a tenth of a whole run each: the kills spread over start, intake, installs, runs and publications.
    if (await mineUntilKilled(shaken, 300 + Math.random() * (wholeRun / 10))) killed += 1
  }
  const last = await runQuarry(mineArguments(shaken), { QUARRY_HOME: shaken.home })
  expect(last.exitCode, last.stderr).toBe(0)
  await annotate(`killed ${killed} of ${kills} runs; an undisturbed one takes ${(wholeRun / 1000).toFixed(1)} s`)

  expect(await outcome(shaken)).toEqual(await outcome(calm))
  await expectWholeRows(shaken)
  expectNothingLeft(shaken)
})

/** No candidate undecided, no task without its publication, no run twice, no lease or job held. */
async function expectWholeRows(sample: Sample): Promise<void> {
  const database = await openDatabase({ home: sample.home })
  try {
    const { rows } = await database.db.execute(`select
      (select count(*)::int from candidates where state = 'proposed') as undecided,
      (select count(*)::int from candidates c where state = 'vetted' and not exists (select 1 from tasks t where t.candidate_id = c.id)) as vetted_without_task,
      (select count(*)::int from tasks t where not exists (select 1 from publications p where p.task_id = t.id and p.sequence = t.sequence)) as unpublished,
      (select count(*)::int from runs group by candidate_id, attempt_id, state, part, ordinal having count(*) > 1) as doubled,
      (select count(*)::int from pgboss.job where state = 'active') as active_jobs,
      (select count(*)::int from leases) as leases`)
    expect(rows[0]).toEqual({
      undecided: 0,
      vetted_without_task: 0,
      unpublished: 0,
      doubled: null,
      active_jobs: 0,
      leases: 0,
    })
  } finally {
    await database.close()
  }
}

function expectNothingLeft(sample: Sample): void {
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(sample.home)
  const commands = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  expect(commands.split('\n').filter((line) => line.includes(sample.home))).toEqual([])
  for (const folder of ['work', 'sandboxes']) {
    const left = readdirSync(join(sample.home, folder), { recursive: true }).map(String)
    expect(
      left.filter((path) => path.includes('snapshot-') || path.includes('scratch-') || path.includes('run-')),
    ).toEqual([])
  }
}
