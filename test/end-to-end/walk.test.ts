import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { jsonLines } from './sample.ts'
import { type Served, serveSample } from './served.ts'

const run = promisify(execFile)

/** A patch that applies, and mends nothing. */
const wrong = `diff --git a/wrong.txt b/wrong.txt
new file mode 100644
--- /dev/null
+++ b/wrong.txt
@@ -0,0 +1 @@
+this mends nothing
`

let served: Served
beforeAll(async () => {
  served = await serveSample([4])
}, 600_000)
afterAll(() => served?.close())

/** Query, lease, checkout, grades of the fix, the empty patch and a wrong one, outcomes, and the filter that asks for them. */
describe('the whole walk', () => {
  test('by curl', async () => {
    const page = await curl('GET', '/v1/tasks?language=javascript&limit=10')
    expect(page.tasks).toHaveLength(1)
    const lease = await curl('POST', '/v1/leases', { consumer: 'curl', count: 8 })
    const [task] = lease.tasks.map((each) => each.task)
    expect(page.tasks).toMatchObject([{ task }])
    const folder = join(served.sample.home, '..', 'by-curl')
    const bundle = `${folder}.bundle`
    await run('curl', [...authorized(), '--output', bundle, `${served.url}/v1/tasks/${task}/snapshot?format=bundle`])
    await run('git', ['clone', '--quiet', bundle, folder])
    const { fix_patch: fix } = await curl('GET', `/v1/tasks/${task}/solution`)
    const patches = [fix, '', wrong].map((patch) => ({ task, patch }))
    const asked = await curl('POST', '/v1/grades', { grades: patches })
    const grades = await Promise.all(asked.grades.map(({ grade }) => curl('GET', `/v1/grades/${grade}?wait=60`)))
    expect(grades.map(({ verdict, reward }) => [verdict, reward])).toEqual([
      ['resolved', 1],
      ['unresolved', 0],
      ['unresolved', 0],
    ])
    const outcomes = grades.map(({ reward, grade }) => ({
      ...{ task, consumer: 'curl', model: 'by-curl', solved: reward === 1, reward, grade },
    }))
    expect(await curl('POST', '/v1/outcomes', { outcomes })).toMatchObject({ stored: 3 })
    const found = await curl('GET', '/v1/tasks?model=by-curl&solve_rate_min=0.3&solve_rate_max=0.4')
    expect(found.tasks).toMatchObject([{ task, solve_rate: { attempts: 3, solved: 1 } }])
    expect((await curl('GET', '/v1/tasks?model=by-curl&solve_rate_min=0.5')).tasks).toEqual([])
    expect(await curl('POST', `/v1/leases/${lease.lease}/complete`, {})).toMatchObject({ state: 'ended' })
    expect((await curl('POST', '/v1/leases', { consumer: 'curl', count: 8 })).tasks).toEqual([])
  }, 300_000)

  test('by the command line', async () => {
    const [listed] = await lines('tasks', '--language', 'javascript', '--json')
    const [lease] = await lines('lease', 'take', '--consumer', 'cli', '--count', '8', '--json')
    const task = String(listed?.task)
    expect(JSON.stringify(lease)).toContain(task)
    const folder = join(served.sample.home, '..', 'by-cli')
    await lines('checkout', task, folder, '--json')
    const { stdout: fix } = await served.quarry(['task', task, '--patch', 'fix'])
    const verdicts: unknown[] = []
    for (const [name, patch] of Object.entries({ fix, empty: '', wrong })) {
      const file = join(served.sample.home, '..', `${name}.patch`)
      writeFileSync(file, patch)
      const { stdout } = await served.quarry(['grade', task, '--patch', file, '--json'])
      const [graded] = jsonLines(stdout)
      verdicts.push([graded?.verdict, graded?.reward])
    }
    expect(verdicts).toEqual([
      ['resolved', 1],
      ['unresolved', 0],
      ['unresolved', 0],
    ])
    for (const solved of ['--solved', '--unsolved', '--unsolved'])
      await lines('outcome', task, '--consumer', 'cli', '--model', 'by-cli', solved, '--json')
    const rated = ['tasks', '--model', 'by-cli', '--json', '--solve-rate-min']
    expect(await lines(...rated, '0.3')).toMatchObject([{ task, solve_rate: { attempts: 3, solved: 1 } }])
    expect(await lines(...rated, '0.5')).toEqual([])
  }, 300_000)
})

const authorized = () => [
  '--silent',
  '--show-error',
  '--fail-with-body',
  '--header',
  `Authorization: Bearer ${served.token}`,
]

/** What the walk reads of any answer. */
const answers = z.looseObject({
  tasks: z.array(z.looseObject({ task: z.string() })).default([]),
  lease: z.string().default(''),
  fix_patch: z.string().default(''),
  grades: z.array(z.looseObject({ grade: z.string() })).default([]),
  verdict: z.string().nullish(),
  reward: z.number().nullish(),
})

async function curl(method: string, path: string, body?: object): Promise<z.infer<typeof answers>> {
  const json = body === undefined ? [] : ['--header', 'content-type: application/json', '--data', JSON.stringify(body)]
  const { stdout } = await run('curl', [...authorized(), '--request', method, ...json, `${served.url}${path}`])
  return answers.parse(JSON.parse(stdout))
}

/** What a command prints with `--json`; its exit code has to be 0. */
async function lines(...args: string[]): Promise<Record<string, unknown>[]> {
  const { exitCode, stdout, stderr } = await served.quarry(args)
  expect(exitCode, stderr).toBe(0)
  return jsonLines(stdout)
}
