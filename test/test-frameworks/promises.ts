import { spawnSync } from 'node:child_process'
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

function statusOf(tests: readonly ReportedTest[], file: string, name: string): string | undefined {
  return tests.find((test) => test.file === file && test.path.at(-1) === name)?.status
}

function isOnMachine(program: string): boolean {
  const isHere = spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
  // biome-ignore lint/suspicious/noConsole: who runs the tests is told what they leave out
  if (!isHere) console.warn(`${program} is not on this machine: the framework's promises are not tested`)
  return isHere
}

/** Code of a test file that spoils what a report could be written with, for whoever takes it later. */
function sabotage(dialect: Dialect): string {
  if (dialect.sabotage !== undefined) return dialect.sabotage
  const fs = dialect.framework === 'vitest' ? "(await import('node:fs')).default" : "require('fs')"
  return `
const spoiled = ${fs}
spoiled.writeSync = spoiled.appendFileSync = () => { throw new Error('no') }
Date.now = () => 0
Array.prototype.toJSON = () => 'spoofed'`
}

/**
 * The promises that every framework keeps in every version: the contract of a test framework's plug-in. `tellsAll`: only that it tells its tests, in
 * one run instead of five.
 */
export function keepsItsPromises(specimen: Specimen, which: 'all' | 'tellsAll' = 'all'): void {
  const { dialect } = specimen
  const isHere = specimen.needs === undefined || isOnMachine(specimen.needs)
  let folder = ''
  let node = process.execPath

  async function runFiles(
    files: Readonly<Record<string, string>>,
    only: readonly string[] | null = null,
  ): Promise<Trial> {
    const project = await makeProject(folder, files)
    const plan = await planOf(dialect, files)
    return run(frameworkNamed(dialect.framework), frameworkNamed(dialect.framework).command(plan, only), project, node)
  }

  describe.skipIf(!isHere)(`${dialect.framework} ${specimen.version}`, () => {
    const [statuses, names] = [dialect.file('statuses'), dialect.file('names')]
    let trial: Trial | null = null

    beforeAll(async () => {
      folder = await install(specimen)
      if (specimen.node !== null)
        node = join(folder, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
    }, 180_000)

    /** One run of two files serves two promises. */
    async function wholeRun(): Promise<Trial> {
      trial ??= await runFiles({
        [statuses]: dialect.statuses,
        [names]: dialect.named(dialect.oddName ?? `'line\\nline \\u0007 \\ud800 ' + 'long '.repeat(700)`),
      })
      return trial
    }

    it('tells of each test its file, its suites and its status, and that it came to the end', async () => {
      const { complete, tests, output, files } = await wholeRun()
      expect(complete, output).toBe(true)
      const passed = expect.objectContaining({ file: statuses, path: dialect.passing, status: 'passed' })
      expect(tests, output).toContainEqual(passed)
      expect(statusOf(tests, statuses, 'fails')).toBe('failed')
      expect(statusOf(tests, statuses, 'skips')).toBe('skipped')
      expect(files.has('nonce')).toBe(false)
    })

    it('carries any name', async () => {
      const { tests, output } = await wholeRun()
      const found = tests.filter((test) => test.file === names && test.status === 'passed')
      expect(found.length, output).toBeGreaterThan(0)
      for (const name of found.map((test) => test.path.at(-1) ?? '')) {
        expect(name.isWellFormed()).toBe(true)
        expect(name.length).toBeLessThan(520)
      }
    })

    if (which === 'tellsAll') return

    it('reports whatever the tests do to the tools it writes with', async () => {
      const file = dialect.file('sabotaged')
      const { complete, tests, output } = await runFiles({ [file]: `${dialect.statuses}\n${sabotage(dialect)}` })
      expect(complete, output).toBe(true)
      expect(statusOf(tests, file, 'passes'), output).toBe('passed')
      expect(statusOf(tests, file, 'fails')).toBe('failed')
    })

    it('does not take leaving early for success', async () => {
      const file = dialect.file('leaving')
      const { complete, tests, output, files } = await runFiles({ [file]: dialect.leaving })
      expect(complete && tests.every((test) => test.status === 'passed'), output).toBe(false)
      expect(statusOf(tests, file, 'leaves')).not.toBe('passed')
      // A reporter that died as it started would keep this promise, too.
      expect([...files.keys()], output).toContain('tests.jsonl')
    })

    it('runs only the files asked for', async () => {
      const [one, two] = [dialect.file('one'), dialect.file('two')]
      const files = { [one]: dialect.named("'first'"), [two]: dialect.named("'second'") }
      const { complete, tests, output } = await runFiles(files, [two])
      expect(complete, output).toBe(true)
      const named = tests.filter((test) => test.path.length > 0).map((test) => [test.file, test.path])
      expect(named).toEqual([[two, [...(dialect.namedIn ?? []), 'second']]])
    })
  })
}
