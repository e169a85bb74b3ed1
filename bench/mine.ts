import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sql } from 'drizzle-orm'
import { samplePulls } from '../src/apps/cli/demo/pulls.ts'
import { buildSampleRepository } from '../src/apps/cli/demo/repository.ts'
import { openServices } from '../src/apps/cli/open-services.ts'
import { everything, type MineRequest } from '../src/apps/cli/services.ts'
import { readConfig } from '../src/config.ts'
import { type Database, openDatabase } from '../src/db/connect.ts'
import { makeLog } from '../src/log.ts'
import { peakMemory } from './process-figures.ts'

/**
 * Mining a repository twice: once to build its environments, then, with the ledger emptied and the environments kept, once more
 * for the figures. `npm run bench -- mine [CLONE owner/name [PULLS FILE]]`; the demo's sample repository without arguments.
 */
export default async function benchMine() {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-bench-'))
  try {
    const [clone, name, pullsFile] = process.argv.slice(3)
    const sample = clone === undefined ? buildSampleRepository(folder, samplePulls) : null
    const repository = {
      path: sample?.path ?? resolve(clone ?? '.'),
      name: name ?? 'acme/shop',
      pullsFile: sample?.pullsFile ?? (pullsFile === undefined ? null : resolve(pullsFile)),
    }
    const config = readConfig({ ...process.env, QUARRY_HOME: join(folder, 'home'), QUARRY_BLOBS: '', DATABASE_URL: '' })
    const services = openServices({ config, log: makeLog(config.logLevel) })
    // Held open, so that the server's start is no part of a run.
    const database = await openDatabase({ home: config.home })
    const first = await mineOnce(services, repository)
    const builds = await one(database, sql`select count(*)::int as value from environments`)
    await database.db.execute(
      sql`truncate candidates, snapshots, attempts, runs, verdicts, flaky_tests, tasks, publications, grades cascade`,
    )
    const warm = await mineOnce(services, repository)
    const tests = await one(
      database,
      sql`select coalesce(sum((seconds->>'test')::float + (seconds->>'build')::float), 0) as value from runs`,
    )
    const decided = await one(database, sql`select count(*)::int as value from attempts a where position = 0`)
    const tasks = await one(database, sql`select count(*)::int as value from tasks`)
    const layers = await one(database, sql`select coalesce(sum(layer_bytes), 0) as value from environments`)
    const rows = await one(
      database,
      sql`select sum(pg_total_relation_size(oid)) as value from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
    )
    const disk = (sizeOf(config.home, ['mirrors', 'work', 'sandboxes', 'blobs']) - layers + rows) / 2 ** 20
    await database.close()
    const cores = availableParallelism()
    return {
      name: `Mining ${repository.name} on ${cores} cores`,
      rows: [
        { figure: 'first run, environments built', value: first.seconds, unit: 's' },
        { figure: 'second run, environments kept', value: warm.seconds, unit: 's' },
        { figure: 'the test commands alone', value: tests, unit: 's' },
        {
          figure: 'wall time ÷ (test commands ÷ cores)',
          value: warm.seconds / (tests / cores),
          unit: '',
          goal: '≤ 1.25',
        },
        { figure: 'environment builds a candidate', value: builds / Math.max(1, decided), unit: '', goal: '≤ 0.3' },
        { figure: 'disk a task beyond environments', value: disk / Math.max(1, tasks), unit: 'MiB', goal: '≤ 3' },
        { figure: 'memory of Quarry at its peak', value: peakMemory('self'), unit: 'MiB', goal: '≤ 400' },
        { figure: 'tasks', value: tasks, unit: '' },
      ],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Repository {
  readonly path: string
  readonly name: string
  readonly pullsFile: string | null
}

async function mineOnce(services: ReturnType<typeof openServices>, { path, name, pullsFile }: Repository) {
  const request: MineRequest = {
    ...everything,
    repository: path,
    name,
    pullsFile,
    concurrency: availableParallelism(),
  }
  const quiet = { total: () => undefined, step: () => undefined, doing: () => undefined, end: () => undefined }
  return services.mine(request, { decided: () => undefined, progress: quiet, signal: new AbortController().signal })
}

async function one(database: Database, query: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await database.db.execute<{ value: number }>(query)
  return Number(rows[0]?.value ?? 0)
}

/** Bytes that some folders of the data folder take. */
function sizeOf(home: string, folders: readonly string[]): number {
  const sizes = execFileSync('du', ['--summarize', '--block-size=1', ...folders.map((name) => join(home, name))], {
    encoding: 'utf8',
  })
  return sizes.split('\n').reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0), 0)
}
