import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ReportedTest, TestPlan } from '../../src/model/index.ts'
import { frameworkNamed, recognise } from '../../src/test-frameworks/index.ts'
import type { Dialect, Specimen } from './specimens.ts'
import { install, invocationOf, makeProject, run, type Trial, viewOf } from './trial.ts'

async function planOf(dialect: Dialect, files: Readonly<Record<string, string>>): Promise<TestPlan> {
  const plan = await recognise(invocationOf(dialect.invocation), viewOf(files))
  if (plan === null) throw new Error(`${dialect.framework} was not recognised`)
  return plan
}

function statusOf(tests: readonly ReportedTest[], name: string): string | undefined {
  return tests.find((test) => test.path.at(-1) === name)?.status
}

/** Makes the report's own tools useless to whoever takes them later. */
const sabotage = `
const sabotagedFs = require('fs')
sabotagedFs.writeSync = sabotagedFs.appendFileSync = () => { throw new Error('no') }
Date.now = () => 0
Array.prototype.toJSON = () => 'spoofed'
`

/** The promises that every framework keeps in every version: the contract of a test framework's plug-in. */
export function keepsItsPromises(specimen: Specimen): void {
  const { dialect } = specimen
  let folder = ''
  let node = process.execPath

  beforeAll(async () => {
    folder = await install(specimen)
    if (specimen.node !== null)
      node = join(folder, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  }, 180_000)

  async function runFiles(
    files: Readonly<Record<string, string>>,
    only: readonly string[] | null = null,
  ): Promise<Trial> {
    const project = await makeProject(folder, files)
    const plan = await planOf(dialect, files)
    return run(frameworkNamed(dialect.framework), frameworkNamed(dialect.framework).command(plan, only), project, node)
  }

  describe(`${dialect.framework} ${specimen.version}`, () => {
    it('tells of each test its file, its suites and its status, and that it came to the end', async () => {
      const file = dialect.file('statuses')
      const trial = await runFiles({ [file]: dialect.statuses })
      expect(trial.complete, trial.output).toBe(true)
      expect(trial.tests, trial.output).toContainEqual(
        expect.objectContaining({ file, path: dialect.passing, status: 'passed' }),
      )
      expect(statusOf(trial.tests, 'fails')).toBe('failed')
      expect(statusOf(trial.tests, 'skips')).toBe('skipped')
      expect(trial.files.has('nonce')).toBe(false)
    })

    it('carries any name', async () => {
      const file = dialect.file('names')
      const expression = `'line\\nline \\u0007 \\ud800 ' + 'long '.repeat(700)`
      const trial = await runFiles({ [file]: dialect.named(expression) })
      const names = trial.tests.filter((test) => test.status === 'passed').map((test) => test.path.at(-1) ?? '')
      expect(names.length, trial.output).toBeGreaterThan(0)
      for (const name of names) {
        expect(name.isWellFormed()).toBe(true)
        expect(name.length).toBeLessThan(520)
      }
    })

    it('does not take leaving early for success', async () => {
      const trial = await runFiles({ [dialect.file('leaving')]: dialect.leaving })
      const succeeded = trial.complete && trial.tests.every((test) => test.status === 'passed')
      expect(succeeded, trial.output).toBe(false)
      expect(statusOf(trial.tests, 'leaves')).not.toBe('passed')
    })

    it('reports whatever the tests do to the tools it writes with', async () => {
      const head =
        dialect.framework === 'vitest'
          ? sabotage.replace("require('fs')", "(await import('node:fs')).default")
          : sabotage
      const file = dialect.file('sabotage')
      const trial = await runFiles({ [file]: `${dialect.statuses}\n${head}` })
      expect(trial.complete, trial.output).toBe(true)
      expect(statusOf(trial.tests, 'passes'), trial.output).toBe('passed')
      expect(statusOf(trial.tests, 'fails')).toBe('failed')
    })

    it('runs only the files asked for', async () => {
      const [one, two] = [dialect.file('one'), dialect.file('two')]
      const trial = await runFiles({ [one]: dialect.named("'first'"), [two]: dialect.named("'second'") }, [two])
      expect(trial.complete, trial.output).toBe(true)
      expect(trial.tests.filter((test) => test.path.length > 0).map((test) => [test.file, test.path])).toEqual([
        [two, ['second']],
      ])
    })
  })
}
