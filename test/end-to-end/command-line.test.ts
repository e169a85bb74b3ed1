import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { samplePulls } from '../../src/apps/cli/demo/pulls.ts'
import { testDatabase } from '../postgres.ts'
import { type Ended, jsonLines, makeSample, runQuarry, type Sample, usualRuns } from './sample.ts'

let sample: Sample
let database: Awaited<ReturnType<typeof testDatabase>>
let mined: Ended

const quarry = (args: readonly string[], input?: string) =>
  runQuarry(args, { QUARRY_HOME: sample.home, DATABASE_URL: database.url, ...usualRuns }, input)
const mine = () => quarry(['mine', sample.path, '--pulls', sample.pullsFile, '--json'])

beforeAll(async () => {
  sample = await makeSample()
  database = await testDatabase()
  mined = await mine()
}, 600_000)

afterAll(async () => {
  await database?.close()
  await sample?.remove()
})

/** Decided lines by pull. */
const decided = (ended: Ended) =>
  new Map(
    jsonLines(ended.stdout)
      .filter((line) => !('summary' in line))
      .map((line) => [line.pull, line]),
  )
const firstTask = () => String([...decided(mined).values()].find(({ state }) => state === 'vetted')?.task)

describe('quarry mine', () => {
  test('decides every pull, and ends with a summary that adds up', () => {
    const lines = jsonLines(mined.stdout)
    const summary = lines.at(-1)?.summary as {
      pulls: number
      vetted: number
      refused: Record<string, number>
      faults: number
    }
    expect(mined.exitCode, mined.stderr).toBe(0)
    expect([...decided(mined).keys()].sort()).toEqual(samplePulls.map(({ number }) => number).sort())
    expect(summary.faults).toBe(0)
    expect(summary.vetted + Object.values(summary.refused).reduce((sum, count) => sum + count, 0)).toBe(summary.pulls)
    expect(summary.vetted).toBeGreaterThanOrEqual(5)
  })

  test('gives each unsound pull its own reason', () => {
    const reasons = [...decided(mined).values()].flatMap(({ reason }) => (reason === null ? [] : [reason]))
    expect(reasons.sort()).toEqual([
      'bot',
      'no-fail-to-pass',
      'no-linked-issue',
      'no-source-change',
      'not-merged',
      'only-test-change',
    ])
  })

  test('keeps a flaky test by name, in neither list', async () => {
    const flaky = decided(mined).get(31)
    expect(flaky?.state).toBe('vetted')
    const names = (flaky?.flaky ?? []) as string[]
    expect(names).not.toEqual([])
    expect(names.filter((name) => !name.includes('draws ada'))).toEqual([])
    const task = jsonLines((await quarry(['task', String(flaky?.task), '--json'])).stdout)[0]
    const sound = ['draws nobody of none', 'draws one of the names'].map((name) => expect.stringContaining(name))
    expect(task?.fail_to_pass).toEqual(sound)
    expect(JSON.stringify(task?.pass_to_pass)).not.toContain('draws ada')
  })

  test('run again, does only what is not done', async () => {
    const again = await mine()
    expect(again.exitCode).toBe(0)
    const tasks = (ended: Ended) =>
      [...decided(ended).values()].map(({ pull, state, task }) => [pull, state, task]).sort()
    expect(tasks(again)).toEqual(tasks(mined))
    const { rows } = await database.db.execute(
      'select count(*)::int as runs, (select count(*)::int from tasks) as tasks from runs',
    )
    const { rows: before } = await database.db.execute(
      'select count(distinct (candidate_id, attempt_id, state, part, ordinal))::int as runs from runs',
    )
    expect(rows[0]?.runs).toBe(before[0]?.runs)
    expect(rows[0]?.tasks).toBe([...decided(mined).values()].filter(({ state }) => state === 'vetted').length)
  })

  test('--dry-run stores nothing and forecasts', async () => {
    const home = join(sample.home, 'dry')
    const dry = await runQuarry(['mine', sample.path, '--pulls', sample.pullsFile, '--dry-run', '--json'], {
      QUARRY_HOME: home,
      DATABASE_URL: database.url,
    })
    expect(dry.exitCode).toBe(0)
    expect(jsonLines(dry.stdout)).toHaveLength(1)
    expect(jsonLines(dry.stdout)[0]?.summary).toMatchObject({ forecast: { likely_tasks: expect.any(Number) } })
  })
})

describe('a task', () => {
  test('is checked out with one commit, at which both patches apply and give the merge', async () => {
    const folder = join(sample.home, 'checkout')
    const task = firstTask()
    expect((await quarry(['checkout', task, folder])).exitCode).toBe(0)
    const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' })
    expect(git('rev-list', '--all', '--count').trim()).toBe('1')
    expect(git('status', '--porcelain')).toBe('')
    for (const part of ['fix', 'test']) {
      const { stdout } = await quarry(['task', task, '--patch', part])
      execFileSync('git', ['-C', folder, 'apply', '--index', '-'], { input: stdout })
    }
    const merge = execFileSync('git', ['-C', sample.path, 'rev-parse', `${mergeOf(task)}^{tree}`], { encoding: 'utf8' })
    expect(git('write-tree')).toBe(merge)
  })

  test('is exported as SWE-bench reads it', async () => {
    const out = join(sample.home, 'tasks.jsonl')
    expect((await quarry(['export', 'swebench', '--out', out])).exitCode).toBe(0)
    const instances = jsonLines(readFileSync(out, 'utf8'))
    expect(instances.length).toBe([...decided(mined).values()].filter(({ state }) => state === 'vetted').length)
    for (const instance of instances) {
      expect(Object.keys(instance).slice(0, 12)).toEqual([
        'repo',
        'instance_id',
        'base_commit',
        'patch',
        'test_patch',
        'problem_statement',
        'hints_text',
        'created_at',
        'version',
        'FAIL_TO_PASS',
        'PASS_TO_PASS',
        'environment_setup_commit',
      ])
      expect(JSON.parse(String(instance.FAIL_TO_PASS)).length).toBeGreaterThan(0)
    }
  })

  function mergeOf(task: string): string {
    const pull = Number(task.split('-').at(-1))
    const line = jsonLines(readFileSync(sample.pullsFile, 'utf8')).find(({ number }) => number === pull)
    return String(line?.merge_commit_sha)
  }
})

describe('quarry grade', () => {
  const grade = async (patch: string) => {
    const ended = await quarry(['grade', firstTask(), '--patch', '-', '--json'], patch)
    return { exitCode: ended.exitCode, ...jsonLines(ended.stdout)[0] }
  }

  test('gives 1 for the fix and exit code 0', async () => {
    const { stdout } = await quarry(['task', firstTask(), '--patch', 'fix'])
    expect(await grade(stdout)).toMatchObject({ exitCode: 0, verdict: 'resolved', reward: 1 })
  })

  test('gives 0 for the empty patch and exit code 3', async () => {
    expect(await grade('')).toMatchObject({ exitCode: 3, verdict: 'unresolved', reward: 0 })
  })

  test.each([
    [
      'does not apply',
      'diff --git a/src/none.js b/src/none.js\n--- a/src/none.js\n+++ b/src/none.js\n@@ -1 +1 @@\n-old\n+new\n',
    ],
    [
      'leaves the tree',
      'diff --git a/../out.js b/../out.js\nnew file mode 100644\n--- /dev/null\n+++ b/../out.js\n@@ -0,0 +1 @@\n+1\n',
    ],
    ['is no patch', 'give me the reward\n'],
  ])('rejects a patch that %s', async (_, patch) => {
    expect(await grade(patch)).toMatchObject({ exitCode: 3, verdict: 'patch-rejected', reward: 0 })
  })
})

describe('quarry grade --predictions', () => {
  const run = async (...more: string[]) => {
    const out = join(sample.home, 'reports', 'summary.json')
    const file = join(sample.home, 'predictions.jsonl')
    const ended = await quarry(['grade', '--predictions', file, '--out', out, '--json', ...more])
    return { ...ended, lines: jsonLines(ended.stdout), report: JSON.parse(readFileSync(out, 'utf8')), out }
  }

  test('grades each, tells what it passes over, and does no more than is left the second time', async () => {
    const task = firstTask()
    const { stdout: fix } = await quarry(['task', task, '--patch', 'fix'])
    const line = (instance: string, patch: string) =>
      JSON.stringify({ instance_id: instance, model_name_or_path: 'some/model', model_patch: patch })
    const text = [line(task, 'replaced below'), '{oops', line('no__such-1', 'x'), line(task, fix)].join('\n')
    writeFileSync(join(sample.home, 'predictions.jsonl'), text)
    const first = await run()
    expect(first.exitCode, first.stderr).toBe(2)
    expect(first.lines.filter((each) => 'line' in each).map((each) => each.line)).toEqual([1, 2, 3])
    expect(first.lines).toContainEqual(expect.objectContaining({ task, verdict: 'resolved', reward: 1, before: false }))
    expect(first.report).toMatchObject({ resolved_ids: [task], unknown_ids: ['no__such-1'], submitted_instances: 2 })
    const own = join(first.out, '..', 'logs/run_evaluation/quarry/some__model', task, 'report.json')
    expect(JSON.parse(readFileSync(own, 'utf8'))[task]).toMatchObject({ resolved: true, infra_failure: false })
    const second = await run()
    expect(second.lines).toContainEqual(expect.objectContaining({ task, verdict: 'resolved', before: true }))
    expect(second.report).toEqual(first.report)
  })

  test('a task of another system is a fault without a reward, and ends nothing', async () => {
    const task = firstTask()
    const line = { instance_id: task, model_name_or_path: 'another', model_patch: 'diff --git a/x b/x' }
    writeFileSync(join(sample.home, 'predictions.jsonl'), JSON.stringify(line))
    await movedElsewhere(async () => {
      const ended = await run()
      expect(ended.exitCode, ended.stderr).toBe(1)
      expect(ended.lines).toContainEqual(
        expect.objectContaining({ task, verdict: 'fault', reward: null, reason: 'other_system' }),
      )
      expect(ended.report).toMatchObject({ infra_failure_ids: [task], resolved_ids: [] })
    })
  })

  /** As if all environments had been made on a machine of another system. */
  async function movedElsewhere(work: () => Promise<void>): Promise<void> {
    const { db } = database
    await db.execute(sql`update environments set root = 'elsewhere ' || root`)
    try {
      await work()
    } finally {
      await db.execute(sql`update environments set root = substr(root, 11)`)
    }
  }
})

describe('bad input', () => {
  const gone = '0'.repeat(40)
  test.each<[string, () => string[], RegExp]>([
    ['a path that is not there', () => ['mine', './nowhere'], /no repository/],
    ['a folder that is no repository', () => ['mine', sample.home], /not a git repository/],
    ['an unknown task', () => ['task', 'acme__shop-999'], /no task/],
    ['an unknown format', () => ['export', 'floppy', '--out', join(sample.home, 'x')], /no export format/],
    ['predictions that are not there', () => ['grade', '--predictions', './nowhere.jsonl'], /nowhere\.jsonl/],
    ['a patch and predictions', () => ['grade', 'a__b-1', '--patch', '-', '--predictions', 'x'], /not clear/],
    ['an unknown miner', () => ['mine', sample.path, '--miner', 'gold'], /no miner/],
    ['a missing pulls file', () => ['mine', sample.path, '--pulls', './nowhere.jsonl'], /nowhere\.jsonl/],
  ])('%s: exit code 2, a sentence, no stack trace', async (_, args, message) => {
    const ended = await quarry(args())
    expect(ended.exitCode, ended.stderr).toBe(2)
    expect(ended.stderr).toMatch(message)
    expect(ended.stderr).not.toMatch(/^\s+at /m)
  })

  test('a bad line of a pulls file is named, and the rest goes on', async () => {
    const file = join(sample.home, 'bad.jsonl')
    const [first = ''] = readFileSync(sample.pullsFile, 'utf8').split('\n')
    const missing = JSON.stringify({ ...JSON.parse(first), number: 4000, merge_commit_sha: gone })
    writeFileSync(file, `not json\n${first}\n${missing}\n`)
    const ended = await quarry(['mine', sample.path, '--pulls', file, '--json'])
    expect(ended.stderr).toMatch(/bad\.jsonl:1/)
    expect(decided(ended).get(4000)).toMatchObject({ state: 'refused', reason: 'commits-missing' })
    expect(decided(ended).size).toBe(2)
  })

  test('nothing is left of the commands but the data', () => {
    expect(existsSync(join(sample.home, 'work'))).toBe(true)
    expect(execFileSync('find', [join(sample.home, 'work'), '-mindepth', '2'], { encoding: 'utf8' })).toBe('')
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(sample.home)
  })
})
