import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { openDatabase } from '../src/db/connect.ts'
import { backfillRepository } from '../src/pipeline/github/backfill.ts'
import { openIntake } from '../test/pipeline/intake-on.ts'
import { node, type Program, startProgram } from '../test/program.ts'
import { peakMemory } from './process-figures.ts'

const played = z.object({
  url: z.string(),
  appId: z.int(),
  privateKey: z.string(),
  webhookSecret: z.string(),
  repository: z.object({
    id: z.int(),
    fullName: z.string(),
    installation: z.object({ id: z.int(), account: z.object({ login: z.string() }) }),
  }),
})

/** Backfills a repository of 10,000 merged pulls (or as many as the argument says) from a GitHub that another process plays. */
export default async function benchBackfill(pulls = Number(process.argv[3] ?? 10_000)) {
  const home = mkdtempSync(join(tmpdir(), 'quarry-bench-'))
  const program = new URL('../test/github/programs/many-pulls.ts', import.meta.url)
  const github = startProgram(node(program, String(pulls)))
  try {
    return { name: `Backfill of ${pulls} pulls`, rows: await measure(home, github, pulls) }
  } finally {
    await github.finish()
    rmSync(home, { recursive: true, force: true })
  }
}

async function measure(home: string, github: Program, pulls: number) {
  const { repository, ...place } = played.parse(JSON.parse(await github.heard('ready ')))
  const database = await openDatabase({ home })
  const opened = openIntake(place, database.db)
  const id = await opened.store(repository)
  const started = performance.now()
  await backfillRepository(opened.intake, id, { since: null, pulls })
  const seconds = (performance.now() - started) / 1000
  const { rows } = await database.db.execute<{ stored: number; proposed: number }>(sql`
    select count(*)::int as stored, count(*) filter (where state = 'proposed')::int as proposed from candidates`)
  await opened.close()
  await database.close()
  await github.finish()
  const requests = z.array(z.string()).parse(JSON.parse(await github.heard('requests ')))
  return [
    { figure: 'pulls taken in', value: rows[0]?.stored ?? 0, unit: 'pulls', goal: String(pulls) },
    { figure: 'of these proposed', value: rows[0]?.proposed ?? 0, unit: 'pulls' },
    { figure: 'requests a pull, git’s included', value: requests.length / pulls, unit: '', goal: '≤ 0.04' },
    { figure: 'time', value: seconds, unit: 's' },
    { figure: 'pulls a second', value: pulls / seconds, unit: '1/s' },
    { figure: 'memory at its peak', value: peakMemory('self'), unit: 'MiB', goal: '≤ 300' },
  ]
}
