import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import type { Database } from '../../src/db/connect.ts'
import { jobNames } from '../../src/pipeline/jobs.ts'
import { appVariables, mergeOn, samplePullLines } from '../end-to-end/github-sample.ts'
import { jsonLines, makeSample, runQuarry, type Sample } from '../end-to-end/sample.ts'
import { type Delivery, type GitHubServer, type Repository, startGitHub } from '../github/index.ts'
import type { JsonObject } from '../github/json.ts'
import { freePort } from '../stoppable-postgres.ts'
import { type Supervised, supervise } from './supervise.ts'

/** A webhook that GitHub has for us: sent again it has the same GUID. */
export interface Telling {
  readonly guid: string
  readonly send: () => Promise<Delivery>
}

/** A whole Quarry as it is operated: a server, two workers, a GitHub with the sample repository on it. */
export interface Service {
  readonly sample: Sample
  readonly github: GitHubServer
  readonly processes: readonly Supervised[]
  readonly tellings: readonly Telling[]
  /** Runs a command beside the processes. */
  run(...args: string[]): ReturnType<typeof runQuarry>
  /** Resolves once the server can do its work. */
  ready(): Promise<void>
  close(): Promise<void>
}

/** Its verdict is by chance, once in a hundred times. */
const flakyPull = 31

export async function startService(databaseUrl: string): Promise<Service> {
  const sample = await makeSample()
  const github = await startGitHub()
  const port = String(await freePort())
  const { PATH = '', HOME = '' } = process.env
  const home = { QUARRY_HOME: sample.home, DATABASE_URL: databaseUrl }
  const variables = { PATH, HOME, ...appVariables(github), ...home, PORT: port, LOG_LEVEL: 'warn' as const }
  const worker = ['worker', '--concurrency', '1', '--grace', '20']
  const processes = [
    supervise('serve', ['serve', '--no-worker'], variables),
    supervise('worker 1', worker, variables),
    supervise('worker 2', worker, variables),
  ]
  const address = `http://127.0.0.1:${port}`
  return {
    sample,
    github,
    processes,
    tellings: tellingsOf(sample, github, `${address}/api/github/webhooks`),
    run: (...args) => runQuarry(args, variables),
    async ready() {
      while (!(await isReady(address))) await delay(100)
    },
    async close() {
      await Promise.all(processes.map((each) => each.end()))
      await github.close()
      await sample.remove()
    },
  }
}

function isReady(address: string): Promise<boolean> {
  return fetch(`${address}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
}

/** The App's installation, and each of the sample's pulls, which is merged when it is first told of. */
function tellingsOf(sample: Sample, github: GitHubServer, to: string): Telling[] {
  const installation = github.addInstallation({ account: 'acme', type: 'Organization' })
  const repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: sample.path })
  const telling = (event: string, payload: () => JsonObject | Promise<JsonObject>): Telling => {
    const guid = randomUUID()
    return { guid, send: async () => github.deliver(event, await payload(), { to, guid }) }
  }
  const pulls = [...samplePullLines(sample).values()].filter(({ number }) => number !== flakyPull)
  return [
    telling('installation', () => github.payloads.installation('created', installation)),
    ...pulls.map((line) =>
      telling('pull_request', () => {
        if (!repository.pulls.has(line.number)) mergeNow(github, repository, line)
        return github.payloads.pullRequestClosed(repository, line.number)
      }),
    ),
  ]
}

/** As changed at this moment: what the nightly run asks GitHub for is what was changed lately. */
function mergeNow(github: GitHubServer, repository: Repository, line: Parameters<typeof mergeOn>[2]): void {
  mergeOn(github, repository, line)
  const pull = repository.pulls.get(line.number)
  if (pull !== undefined) github.addPull(repository, { ...pull, updatedAt: new Date().toISOString() })
}

/** Resolves once no job waits or runs, however many follow from others. */
export async function idle({ db }: Database): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const { rows } = await db.execute<{ jobs: number }>(
      sql`select count(*)::int as jobs from pgboss.job where name in ${[...jobNames]} and state < 'completed'`,
    )
    quiet = rows[0]?.jobs === 0 ? quiet + 1 : 0
    await delay(500)
  }
}

/** What a service brought: each task by its name and content, each candidate by what became of it. */
export async function outcome(service: Service): Promise<string[]> {
  const tasks = jsonLines((await service.run('tasks', '--json')).stdout)
  const candidates = jsonLines((await service.run('candidates', '--json')).stdout)
  const taskLine = (line: Record<string, unknown>) =>
    ['task', 'revision', 'content_hash', 'fail_to_pass', 'pass_to_pass', 'state'].map((key) => line[key]).join(' ')
  return [
    ...tasks.map(taskLine).sort(),
    ...candidates.map(({ pull, state, reason }) => `#${pull} ${state} ${reason}`).sort(),
  ]
}
