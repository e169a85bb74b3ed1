import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/connect.ts'
import { jsonLines, makeSample, quarry, runQuarry, type Sample, usualRuns } from '../end-to-end/sample.ts'
import { expectNothingLeft, expectWholeRows } from './leftovers.ts'

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
    env: { PATH, HOME, ...usualRuns, QUARRY_HOME: sample.home },
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
  const undisturbed = await runQuarry(mineArguments(calm), { ...usualRuns, QUARRY_HOME: calm.home })
  const wholeRun = Date.now() - started
  expect(undisturbed.exitCode, undisturbed.stderr).toBe(0)

  let killed = 0
  for (let at = 0; at < kills; at += 1) {
    // Up to a tenth of a whole run each: the kills spread over start, intake, installs, runs and publications.
    if (await mineUntilKilled(shaken, 300 + Math.random() * (wholeRun / 10))) killed += 1
  }
  const last = await runQuarry(mineArguments(shaken), { ...usualRuns, QUARRY_HOME: shaken.home })
  expect(last.exitCode, last.stderr).toBe(0)
  await annotate(`killed ${killed} of ${kills} runs; an undisturbed one takes ${(wholeRun / 1000).toFixed(1)} s`)

  expect(await outcome(shaken)).toEqual(await outcome(calm))
  const database = await openDatabase({ home: shaken.home })
  await expectWholeRows(database.db).finally(database.close)
  expectNothingLeft(shaken.home)
})
