import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { type Database, openDatabase } from '../src/db/connect.ts'
import { appVariables, mergeOn, samplePullLines } from '../test/end-to-end/github-sample.ts'
import { makeSample, quarry, type Sample } from '../test/end-to-end/sample.ts'
import { type GitHubServer, type Repository, startGitHub } from '../test/github/index.ts'
import { type Program, startProgram } from '../test/program.ts'
import { type Flooded, flood } from './flood.ts'
import { peakMemory, processorSeconds } from './process-figures.ts'

const PER_SECOND = 500

/**
 * Two figures of the App, on its real processes and Postgres: a flood of deliveries (for 20 seconds, or as many as the argument says),
 * and how long it takes an idle worker from a delivery to the candidate.
 */
export default async function benchWebhooks(seconds = Number(process.argv[3] ?? 20)) {
  const sample = await makeSample()
  const github = await startGitHub({ validate: false })
  const database = await openDatabase({ home: sample.home })
  const server = run(['serve', '--no-worker', '--json', '--grace', '1'], github, sample)
  try {
    const { listening } = JSON.parse(`{"listening":${await server.heard('{"listening":')}`)
    const place = { github, sample, database, to: `${listening}/api/github/webhooks` }
    const rows = [...(await measureFlood(place, server, seconds)), ...(await measureWay(place))]
    return { name: `Webhooks at ${PER_SECOND} a second`, rows }
  } finally {
    await server.kill()
    await database.close()
    await github.close()
    await sample.remove()
  }
}

interface Place {
  readonly github: GitHubServer
  readonly sample: Sample
  readonly database: Database
  readonly to: string
}

function run(argv: readonly string[], github: GitHubServer, sample: Sample): Program {
  const { PATH = '', HOME = '', MALLOC_ARENA_MAX = '2' } = process.env
  const env = { PATH, HOME, MALLOC_ARENA_MAX, ...appVariables(github), QUARRY_HOME: sample.home }
  return startProgram([quarry, ...argv], { env })
}

/** Nothing takes the jobs meanwhile; the first two seconds, when code is still being compiled, are not counted. */
async function measureFlood({ github, sample, database, to }: Place, server: Program, seconds: number) {
  const { repository } = openShop(github, sample)
  mergeOn(github, repository, lines(sample)[0])
  const payload = JSON.stringify(await github.payloads.pullRequestClosed(repository, lines(sample)[0].number))
  const wave = { to, secret: github.webhookSecret, event: 'pull_request', payload }
  const first = await flood({ ...wave, perSecond: PER_SECOND / 2, seconds: 2 })
  const before = processorSeconds(server.pid)
  const flooded = await flood({ ...wave, perSecond: PER_SECOND, seconds })
  const worked = processorSeconds(server.pid) - before
  const stored = await count(database, sql`select count(*)::int as value from deliveries where payload is not null`)
  const jobs = await count(database, sql`select count(*)::int as value from pgboss.job where name = 'delivery'`)
  // What is left of the flood is not the worker's of the second figure.
  await database.db.execute(sql`truncate deliveries`)
  await database.db.execute(sql`delete from pgboss.job where name = 'delivery'`)
  const sent = first.sent + flooded.sent
  return [
    { figure: 'payload', value: payload.length / 1024, unit: 'KiB' },
    { figure: 'sent', value: flooded.sent, unit: 'deliveries' },
    { figure: 'taken a second', value: flooded.taken / flooded.seconds, unit: '1/s', goal: `≥ ${PER_SECOND * 0.99}` },
    ...waitRows(flooded),
    { figure: 'lost', value: sent - Math.min(stored, jobs), unit: 'deliveries', goal: '0' },
    { figure: 'processor time of the server a delivery', value: (worked * 1000) / flooded.sent, unit: 'ms' },
    { figure: 'memory of the server at its peak', value: peakMemory(server.pid), unit: 'MiB' },
  ]
}

function waitRows({ waits }: Flooded) {
  const at = (share: number) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0
  return [
    { figure: 'answered, p50', value: at(0.5), unit: 'ms' },
    { figure: 'answered, p90', value: at(0.9), unit: 'ms' },
    { figure: 'answered, p99', value: at(0.99), unit: 'ms', goal: '≤ 50' },
    { figure: 'answered, the slowest', value: at(1), unit: 'ms' },
  ]
}

/** A worker that does the intake only is idle again as soon as the candidate is stored. */
async function measureWay({ github, sample, database, to }: Place) {
  const worker = run(['worker', '--stages', 'intake', '--grace', '1'], github, sample)
  try {
    const { repository, installation } = openShop(github, sample)
    await github.deliver('installation', github.payloads.installation('created', installation), { to })
    await until(database, sql`select count(*)::int as value from repositories where (backfill->>'done')::boolean`)
    const taken: number[] = []
    for (const line of lines(sample)) {
      mergeOn(github, repository, line)
      const payload = await github.payloads.pullRequestClosed(repository, line.number)
      const started = performance.now()
      await github.deliver('pull_request', payload, { to })
      const known = sql`
        select count(*)::int as value from candidates c join pulls p on p.id = c.pull_id
        join repositories r on r.id = p.repository_id where p.number = ${line.number} and r.forge_id = ${String(repository.id)}`
      await until(database, known)
      taken.push((performance.now() - started) / 1000)
    }
    taken.sort((a, b) => a - b)
    return [
      { figure: 'pulls merged', value: taken.length, unit: 'pulls' },
      { figure: 'delivery to candidate, median', value: taken[taken.length >> 1] ?? 0, unit: 's', goal: '≤ 1' },
      { figure: 'delivery to candidate, the slowest', value: taken.at(-1) ?? 0, unit: 's' },
    ]
  } finally {
    await worker.kill()
  }
}

let shops = 0

/** The sample on an installation of its own. */
function openShop(github: GitHubServer, sample: Sample) {
  shops += 1
  const installation = github.addInstallation({ account: `acme${shops}`, type: 'Organization' })
  const fullName = `acme${shops}/shop`
  const repository: Repository = github.addRepository({ installation, fullName, gitDir: sample.path })
  return { installation, repository }
}

function lines(sample: Sample) {
  const [first, ...others] = [...samplePullLines(sample).values()].filter((line) => line.merge_commit_sha !== null)
  if (first === undefined) throw new Error('the sample has no pull')
  return [first, ...others] as const
}

async function count(database: Database, query: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await database.db.execute<{ value: number }>(query)
  return rows[0]?.value ?? 0
}

async function until(database: Database, query: ReturnType<typeof sql>): Promise<void> {
  for (const started = performance.now(); (await count(database, query)) === 0; await delay(5))
    if (performance.now() - started > 60_000) throw new Error('it did not come within a minute')
}
