import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { localCaller } from '../src/access/index.ts'
import { samplePulls } from '../src/apps/cli/demo/pulls.ts'
import { buildSampleRepository } from '../src/apps/cli/demo/repository.ts'
import { openServices } from '../src/apps/cli/open-services.ts'
import { everything } from '../src/apps/cli/services.ts'
import { gradeServices } from '../src/apps/grading.ts'
import { withMachine } from '../src/apps/machine.ts'
import { readConfig } from '../src/config.ts'
import { asCaller } from '../src/db/as-caller.ts'
import { grade } from '../src/grade/grade.ts'
import { makeLog } from '../src/log.ts'
import { findPage } from '../src/query/find.ts'
import { readQuery } from '../src/query/refused.ts'
import { findTask } from '../src/query/tasks.ts'

const rounds = 15

/**
 * What a grade costs above its test command: each task's fix graded several times on a warm machine, as a grader would.
 * `npm run bench -- grade [CLONE owner/name [PULLS FILE]]`; the demo's sample repository without arguments.
 */
export default async function benchGrade() {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-bench-'))
  try {
    const [clone, name, pullsFile] = process.argv.slice(3)
    const sample = clone === undefined ? buildSampleRepository(folder, samplePulls) : null
    const config = readConfig({ ...process.env, QUARRY_HOME: join(folder, 'home'), QUARRY_BLOBS: '', DATABASE_URL: '' })
    const quiet = { total: () => undefined, step: () => undefined, doing: () => undefined, end: () => undefined }
    const { signal } = new AbortController()
    await openServices({ config, log: makeLog(config.logLevel) }).mine(
      {
        ...everything,
        repository: sample?.path ?? resolve(clone ?? '.'),
        name: name ?? 'acme/shop',
        pullsFile: sample?.pullsFile ?? (pullsFile === undefined ? null : resolve(pullsFile)),
        concurrency: availableParallelism(),
      },
      { decided: () => undefined, progress: quiet, signal },
    )
    const overheads: number[] = []
    const tests: number[] = []
    await withMachine(config, availableParallelism(), async ({ database, workshop }) => {
      const sample = await asCaller(database.db, localCaller, (tx) =>
        findPage(tx, localCaller, readQuery({ limit: 3 })),
      )
      for (const { name: id } of sample.tasks) {
        const task = await findTask(database.db, id, localCaller)
        if (task === null) throw new Error(`${id} is gone`)
        for (let round = 0; round <= rounds; round += 1) {
          const graded = await grade(gradeServices(workshop, database.db, task, signal), task, task.snapshot.fixPatch)
          if (graded.verdict !== 'resolved') throw new Error(`the fix of ${id} graded ${graded.verdict}`)
          // The first one unpacks the layer and lays the snapshot out.
          if (round === 0) continue
          overheads.push((graded.seconds - graded.testSeconds) * 1000)
          tests.push(graded.testSeconds * 1000)
        }
      }
    })
    return {
      name: `Grading ${overheads.length} patches, one after the other`,
      rows: [
        {
          figure: 'overhead above the test command, median',
          value: quantile(overheads, 0.5),
          unit: 'ms',
          goal: '≤ 100',
        },
        { figure: 'overhead above the test command, 90th percentile', value: quantile(overheads, 0.9), unit: 'ms' },
        { figure: 'test command, median', value: quantile(tests, 0.5), unit: 'ms' },
      ],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function quantile(values: readonly number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(at * (values.length - 1))] ?? 0
}
