import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { inArray } from 'drizzle-orm'
import { createToken, localCaller } from '../src/access/index.ts'
import { type Config, readConfig } from '../src/config.ts'
import { type Database, openDatabase } from '../src/db/connect.ts'
import { GRADE_CHANNEL } from '../src/db/grade-channel.ts'
import { listenOn } from '../src/db/listen.ts'
import { gradeRequests, tokens } from '../src/db/schema.ts'
import { askForGrades, type GradeOrder } from '../src/grade/ask.ts'
import { type FoundGrade, findGrades } from '../src/grade/find.ts'
import { waitForGrade } from '../src/grade/wait.ts'
import { makeLog } from '../src/log.ts'
import { addGradesWith, type Jobs, jobNames } from '../src/pipeline.ts'
import { streamTasks } from '../src/query/find.ts'
import { readQuery } from '../src/query/refused.ts'
import { type FullTask, findTask } from '../src/query/tasks.ts'
import { createQueue } from '../src/queue/queue.ts'
import { node, startProgram } from '../test/program.ts'
import { inContainers } from './docker-grades.ts'
import { mineTasks } from './grade-tasks.ts'

const alone = 6
const batch = 64
const batches = 2
/** So many of them are run in containers, too. */
const contain = 32
const log = makeLog('silent')
const cores = availableParallelism()

interface Asker {
  readonly tasks: readonly FullTask[]
  ask(orders: readonly GradeOrder[]): Promise<readonly string[]>
  /** Resolves once all are done. */
  done(requests: readonly string[]): Promise<FoundGrade[]>
}

/**
 * Grades through the queue, as a training run has them: a worker of its own process, one patch at a time and then many.
 * `npm run bench -- grades [--no-docker]`
 */
export default async function benchGrades() {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-bench-'))
  try {
    const config = readConfig({ ...process.env, QUARRY_HOME: join(folder, 'home'), QUARRY_BLOBS: '', DATABASE_URL: '' })
    await mineTasks(config, folder)
    const database = await openDatabase({ home: config.home })
    try {
      const measured = await withWorker(config, database, async (asker) => {
        const quiet = await oneByOne(asker)
        return { quiet, load: await allAtOnce(asker), tasks: asker.tasks }
      })
      return await figures(config, database, measured)
    } finally {
      await database.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function withWorker<T>(config: Config, database: Database, work: (asker: Asker) => Promise<T>): Promise<T> {
  const quarry = new URL('../src/apps/cli/main.ts', import.meta.url)
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, QUARRY_HOME: config.home, MALLOC_ARENA_MAX: '2' }
  const worker = startProgram(node(quarry, 'worker', '--stages', 'grade'), { env })
  const queue = await createQueue<Jobs>(database, jobNames, { log, connections: 2 })
  const listener = listenOn(database.settings, GRADE_CHANNEL, log)
  try {
    const { db } = database
    await createToken(db, { name: 'bench', scopes: ['grades:write'], owners: null, expiresAt: null })
    const [token] = await db.select().from(tokens)
    const tasks: FullTask[] = []
    for await (const { name } of streamTasks(db, localCaller, readQuery({}))) {
      const task = await findTask(db, name, localCaller)
      if (task !== null) tasks.push(task)
    }
    return await work({
      tasks,
      async ask(orders) {
        const asked = await askForGrades(
          db,
          addGradesWith(queue),
          { tokenId: token?.id ?? 0, realm: '*' },
          null,
          orders,
        )
        if ('refused' in asked) throw new Error(asked.refused)
        return asked.requests
      },
      async done(requests) {
        const patience = AbortSignal.timeout(1200_000)
        for (const request of requests) await waitForGrade(db, listener, { realm: '*', request }, patience)
        return findGrades(db, '*', requests)
      },
    })
  } finally {
    process.kill(worker.pid, 'SIGTERM')
    await worker.finish()
    await listener.close()
    await queue.stop(0)
  }
}

let made = 0

/** The fix, or for every fourth one nothing of it, beside a file of its own: no two are the same. */
function orderFor(task: FullTask): GradeOrder & { readonly verdict: string } {
  made += 1
  const note = Buffer.from(
    `diff --git a/note-${made}.txt b/note-${made}.txt\nnew file mode 100644\n--- /dev/null\n+++ b/note-${made}.txt\n@@ -0,0 +1 @@\n+${made}\n`,
  )
  const fixes = made % 4 !== 0
  const patch = fixes ? Buffer.concat([task.snapshot.fixPatch, note]) : note
  return { task, patch, verdict: fixes ? 'resolved' : 'unresolved' }
}

/** Nothing else under way: seconds from asking to hearing, without the builds and tests. */
async function oneByOne({ tasks, ask, done }: Asker) {
  const overheads: number[] = []
  const tests: number[] = []
  for (const task of tasks) {
    for (let round = 0; round <= alone; round += 1) {
      const order = orderFor(task)
      const started = performance.now()
      const found = await done(await ask([order]))
      const seconds = (performance.now() - started) / 1000
      expectVerdicts([order], found)
      // The first one unpacks the layer and lays the snapshot out.
      if (round === 0) continue
      overheads.push(seconds - (found[0]?.grade.testSeconds ?? 0))
      tests.push(found[0]?.grade.testSeconds ?? 0)
    }
  }
  return { overheads, tests }
}

async function allAtOnce({ tasks, ask, done }: Asker) {
  const orders = Array.from({ length: batch * batches }, (_, at) => orderFor(tasks[at % tasks.length] ?? fail()))
  const requests: string[] = []
  for (let at = 0; at < orders.length; at += batch) requests.push(...(await ask(orders.slice(at, at + batch))))
  const found = await done(requests)
  expectVerdicts(orders, found)
  const begun = Math.min(...found.map(({ grade }) => grade.startedAt?.getTime() ?? 0))
  const ended = Math.max(...found.map(({ grade }) => grade.endedAt?.getTime() ?? 0))
  const coresOf = new Map(tasks.map((task) => [task.name, Math.min(task.cores, cores)]))
  const busy = found.reduce((sum, { grade, task }) => sum + (grade.testSeconds ?? 0) * (coresOf.get(task.name) ?? 1), 0)
  const wall = (ended - begun) / 1000
  return { orders, wall, busy: busy / (wall * cores), tests: found.map(({ grade }) => grade.testSeconds ?? 0) }
}

function expectVerdicts(orders: readonly { readonly verdict: string }[], found: readonly FoundGrade[]): void {
  const verdicts = found.map(({ grade }) => grade.verdict)
  const wanted = orders.map(({ verdict }) => verdict)
  if (verdicts.join() !== wanted.join()) throw new Error(`verdicts: ${verdicts.join()} in place of ${wanted.join()}`)
}

type Measured = {
  readonly quiet: Awaited<ReturnType<typeof oneByOne>>
  readonly load: Awaited<ReturnType<typeof allAtOnce>>
  readonly tasks: readonly FullTask[]
}

async function figures(config: Config, database: Database, { quiet, load, tasks }: Measured) {
  const { orders, wall } = load
  const requests = await database.db.$count(gradeRequests, inArray(gradeRequests.realm, ['*']))
  const skipped = process.argv.includes('--no-docker')
  const contained = skipped ? null : await inContainers(config, database, orders.slice(0, contain))
  const without = contained !== null ? '' : skipped ? '; Docker left out' : '; Docker could not be started here'
  const milliseconds = (seconds: readonly number[], at: number) => quantile(seconds, at) * 1000
  return {
    name: `${requests} queued grades of ${tasks.length} tasks on ${cores} cores${without}`,
    rows: [
      ...[
        {
          figure: 'alone: overhead above the test command, median',
          value: milliseconds(quiet.overheads, 0.5),
          unit: 'ms',
          goal: '≤ 100',
        },
        { figure: 'alone: overhead, 90th percentile', value: milliseconds(quiet.overheads, 0.9), unit: 'ms' },
        { figure: 'alone: test command, median', value: milliseconds(quiet.tests, 0.5), unit: 'ms' },
        { figure: `${orders.length} at once: cores busy with tests`, value: load.busy, unit: 'of 1', goal: '≥ 0.9' },
        { figure: `${orders.length} at once: test command, median`, value: milliseconds(load.tests, 0.5), unit: 'ms' },
        { figure: `${orders.length} at once: grades an hour`, value: (orders.length / wall) * 3600, unit: '' },
      ],
      ...(contained === null
        ? []
        : [
            { figure: 'one `docker run` each: patches an hour', value: contained.anHour, unit: '' },
            {
              figure: 'one `docker run` each: overhead above its commands, median',
              value: milliseconds(contained.overheads, 0.5),
              unit: 'ms',
            },
          ]),
    ],
  }
}

function quantile(values: readonly number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(at * (values.length - 1))] ?? 0
}

function fail(): never {
  throw new Error('no task was mined')
}
