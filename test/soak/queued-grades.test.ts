import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { grades } from '../../src/db/schema.ts'
import { type ApiScene, openApiScene } from '../apps/api/scene.ts'
import { makeSample, quarry, runQuarry, type Sample } from '../end-to-end/sample.ts'
import { testDatabase } from '../postgres.ts'
import { type Program, startProgram } from '../program.ts'

const task = 'acme__shop-2'

let sample: Sample
let database: Awaited<ReturnType<typeof testDatabase>>
let api: ApiScene
const workers: Program[] = []

beforeAll(async () => {
  sample = await makeSample()
  database = await testDatabase()
  api = await openApiScene({ database })
  const mined = await runQuarry(['mine', sample.path, '--pulls', sample.pullsFile, '--only', '2'], environment())
  expect(mined.exitCode, mined.stderr).toBe(0)
}, 120_000)

afterAll(async () => {
  for (const worker of workers) await worker.kill()
  await api?.close()
  await database?.close()
  await sample?.remove()
})

const environment = () => ({ QUARRY_HOME: sample.home, DATABASE_URL: database.url })

async function startWorker(): Promise<Program> {
  const { PATH = '', HOME = '' } = process.env
  const worker = startProgram([quarry, 'worker', '--stages', 'grade', '--json'], {
    env: { PATH, HOME, ...environment() },
  })
  workers.push(worker)
  return worker
}

async function fixOf(name: string): Promise<string> {
  const { stdout } = await runQuarry(['task', name, '--patch', 'fix'], environment())
  return stdout
}

interface Graded {
  readonly grade: string
  readonly state: string
  readonly verdict: string
  readonly reward: number | null
}

async function ask(patches: readonly string[]): Promise<Graded[]> {
  const answer = await api.post('/v1/grades', { grades: patches.map((patch) => ({ task, patch })) })
  expect(answer.statusCode, answer.body).toBe(202)
  return answer.json().grades
}

async function outcomeOf({ grade }: Graded): Promise<Graded> {
  for (;;) {
    const found: Graded = (await api.get(`/v1/grades/${grade}?wait=60`)).json()
    if (found.state === 'done') return found
  }
}

test('grades come out right, each once, though the worker that has them in hand is killed', async () => {
  const fix = await fixOf(task)
  const wrong =
    'diff --git a/NOTES.md b/NOTES.md\nnew file mode 100644\n--- /dev/null\n+++ b/NOTES.md\n@@ -0,0 +1 @@\n+Rounded.\n'
  const outside = wrong.replaceAll('NOTES.md', '../../NOTES.md')
  const link = (target: string) =>
    `diff --git a/out b/out\nnew file mode 120000\n--- /dev/null\n+++ b/out\n@@ -0,0 +1 @@\n+${target}\n\\ No newline at end of file\n`
  const through = link('src') + wrong.replaceAll('NOTES.md', 'out/NOTES.md')
  const asked = await ask([fix, '', wrong, 'not a patch', outside, through, link('../../etc'), fix])
  const doomed = await startWorker()
  await expect.poll(() => database.db.$count(grades, sql`state = 'running'`), { timeout: 60_000 }).toBeGreaterThan(0)
  await doomed.kill()
  const worker = await startWorker()
  const ended = await Promise.all(asked.map(outcomeOf))
  expect(ended.map(({ verdict, reward }) => [verdict, reward])).toEqual([
    ['resolved', 1],
    ['unresolved', 0],
    ['unresolved', 0],
    ['patch-rejected', 0],
    ['patch-rejected', 0],
    ['patch-rejected', 0],
    ['patch-rejected', 0],
    ['resolved', 1],
  ])
  expect(await database.db.$count(grades)).toBe(7)
  process.kill(worker.pid, 'SIGTERM')
  expect(await worker.finish()).toBe(0)
  expect(
    await database.db.execute(sql`select 1 from pgboss.job where name = 'grade' and state <> 'completed'`),
  ).toMatchObject({ rows: [] })
}, 120_000)
