import { expect } from 'vitest'
import { openClient } from '../../src/db/client.ts'
import { type GitHubServer, type Installation, type Repository, startGitHub } from '../github/index.ts'
import { type Program, startProgram } from '../program.ts'
import { appVariables, mergeOn, samplePullLines } from './github-sample.ts'
import { fewestRuns, jsonLines, makeSample, quarry, runQuarry, type Sample } from './sample.ts'

/** Quarry as an App on the GitHub that is played, which has the sample repository: `serve` without a worker, and workers beside it. */
export interface ServedApp {
  readonly sample: Sample
  readonly github: GitHubServer
  readonly installation: Installation
  readonly repository: Repository
  /** Where `serve` listens. */
  readonly address: string
  readonly server: Program
  readonly workers: readonly Program[]
  /** The environment that all of Quarry's programs here have. */
  readonly environment: Readonly<Record<string, string>>
  /** Merges pulls of the sample on GitHub, without a word to Quarry. */
  merge(...numbers: readonly number[]): void
  deliver(event: string, payload: Parameters<GitHubServer['deliver']>[1]): ReturnType<GitHubServer['deliver']>
  /** Waits until the command line lists the tasks of these pulls, and no others. */
  tasksBecome(...numbers: readonly number[]): Promise<void>
  close(): Promise<void>
}

export async function serveApp(databaseUrl: string, workerCount: number): Promise<ServedApp> {
  const sample = await makeSample()
  const github = await startGitHub()
  const { PATH = '', HOME = '' } = process.env
  const own = { QUARRY_HOME: sample.home, DATABASE_URL: databaseUrl }
  const environment = { PATH, HOME, ...fewestRuns, ...appVariables(github), ...own }
  const programs: Program[] = []
  const start = (...args: readonly string[]): Program => {
    const program = startProgram([quarry, ...args, '--json'], { env: environment })
    programs.push(program)
    return program
  }
  const close = async () => {
    for (const program of programs) await program.kill()
    await github.close()
    await sample.remove()
  }
  try {
    const server = start('serve', '--no-worker')
    const { listening } = JSON.parse(`{"listening":${await server.heard('{"listening":')}`)
    const workers = Array.from({ length: workerCount }, () => start('worker', '--concurrency', '1', '--grace', '5'))
    const installation = github.addInstallation({ account: 'acme', type: 'Organization' })
    const repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: sample.path })
    const pulls = samplePullLines(sample)
    const pull = (number: number) => pulls.get(number) ?? expect.fail(`the sample has no pull ${number}`)
    return {
      ...{ sample, github, installation, repository, address: listening, server, workers, environment, close },
      merge: (...numbers) => {
        for (const number of numbers) mergeOn(github, repository, pull(number))
      },
      deliver: (event, payload) => github.deliver(event, payload, { to: `${listening}/api/github/webhooks` }),
      tasksBecome: (...numbers) => tasksBecome(environment, numbers),
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function tasksBecome(environment: Record<string, string>, numbers: readonly number[]): Promise<void> {
  const wanted = numbers.map((number) => `acme__shop-${number}`).sort()
  // By the rows: a start of the command line each second would take a core from the workers that are waited for.
  await expect
    .poll(() => liveTasks(environment.DATABASE_URL ?? ''), { timeout: 200_000, interval: 500 })
    .toEqual(wanted)
  const { stdout } = await runQuarry(['tasks', '--json'], environment)
  expect(
    jsonLines(stdout)
      .map(({ task }) => task)
      .sort(),
  ).toEqual(wanted)
}

async function liveTasks(databaseUrl: string): Promise<string[]> {
  const client = await openClient({ connectionString: databaseUrl })
  try {
    const { rows } = await client.query<{ name: string }>("select name from tasks where state = 'live' order by name")
    return rows.map(({ name }) => name)
  } finally {
    await client.end()
  }
}
