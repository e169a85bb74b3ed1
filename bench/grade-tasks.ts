import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { samplePulls } from '../src/apps/cli/demo/pulls.ts'
import { buildSampleRepository } from '../src/apps/cli/demo/repository.ts'
import { openServices } from '../src/apps/cli/open-services.ts'
import { everything } from '../src/apps/cli/services.ts'
import type { Config } from '../src/config.ts'
import { makeLog } from '../src/log.ts'

/** Suites of so many seconds of pure computing, beside those of the sample repository. */
const suites = [1, 3]

/** Mines tasks of several repositories, each with an environment of its own. */
export async function mineTasks(config: Config, folder: string): Promise<void> {
  const sample = buildSampleRepository(folder, samplePulls)
  await mine(config, sample.path, 'acme/shop', sample.pullsFile, [2, 4])
  for (const seconds of suites) await mine(config, computing(folder, seconds), `acme/computing-${seconds}`, null, null)
}

async function mine(
  config: Config,
  repository: string,
  name: string,
  pullsFile: string | null,
  only: readonly number[] | null,
): Promise<void> {
  const quiet = { total: () => undefined, step: () => undefined, doing: () => undefined, end: () => undefined }
  const services = openServices({ config, log: makeLog(config.logLevel) })
  await services.mine(
    { ...everything, repository, name, pullsFile, only, concurrency: availableParallelism() },
    { decided: () => undefined, progress: quiet, signal: new AbortController().signal },
  )
}

/** A clone whose tests compute for a while, in files of half a second as a suite has many. */
function computing(folder: string, seconds: number): string {
  const clone = join(folder, `computing-${seconds}`)
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.invalid', ...args])
  const write = (path: string, text: string) => writeFileSync(join(clone, path), text)
  const commit = (message: string, body: string, check: string) => {
    write('half.js', `exports.half = (n) => ${body}\n`)
    const head = "const { test } = require('node:test')\nconst { half } = require('../half.js')\n"
    write('test/half.test.js', `${head}test('halves', () => { ${check} })\n`)
    git('add', '--all')
    git('commit', '--quiet', '--message', message)
  }
  mkdirSync(join(clone, 'test'), { recursive: true })
  git('init', '--quiet', '--initial-branch=main')
  const script = 'node --test --test-concurrency=1 test/*.test.js'
  write('package.json', JSON.stringify({ name: `computing-${seconds}`, scripts: { test: script } }))
  for (let file = 0; file < seconds * 2; file += 1) {
    const busy = 'const end = Date.now() + 500; while (Date.now() < end) Math.sqrt(end)'
    write(`test/busy-${file}.test.js`, `require('node:test').test('is busy', () => { ${busy} })\n`)
  }
  commit('Begin', 'n', 'half(0)')
  commit('Halve (#2)\n\nFixes #1', 'n / 2', 'if (half(4) !== 2) throw new Error(half(4))')
  return clone
}
