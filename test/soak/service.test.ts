import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/db/connect.ts'
import { jsonLines } from '../end-to-end/sample.ts'
import { testDatabase } from '../postgres.ts'
import { type StoppablePostgres, startPostgres } from '../stoppable-postgres.ts'
import { tell } from '../tell.ts'
import { type Chance, makeChance } from './chance.ts'
import { expectNothingLeft, expectWholeRows } from './leftovers.ts'
import { idle, outcome, type Service, startService, type Telling } from './service.ts'

/** SOAK_SEED repeats a run, SOAK_KILLS makes it shorter. */
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31))
const kills = Number(process.env.SOAK_KILLS ?? 100)
const outages = 5
/** What happens next: a process is killed, or Postgres is away for a while. */
type Step = 'kill' | 'fast' | 'immediate'

let calmDatabase: Awaited<ReturnType<typeof testDatabase>>
let postgres: StoppablePostgres
let calm: Service
let shaken: Service

beforeAll(async () => {
  calmDatabase = await testDatabase()
  postgres = await startPostgres()
})

afterAll(async () => {
  await calm?.close()
  await shaken?.close()
  await calmDatabase?.close()
  await postgres?.remove()
})

test(`seed ${seed}: ${kills} SIGKILLs, ${outages} ends of Postgres, deliveries twice and in disorder: the same tasks, each once`, async () => {
  const begun = Date.now()
  calm = await startService(calmDatabase.url)
  await undisturbed(calm, calmDatabase)
  const calmSeconds = (Date.now() - begun) / 1000
  const wanted = await outcome(calm)
  expect(wanted.filter((line) => line.startsWith('acme__shop-')).length).toBeGreaterThan(4)

  shaken = await startService(postgres.url)
  const deliveries = await shake(shaken, makeChance(seed))
  const shakenSeconds = (Date.now() - begun) / 1000 - calmSeconds
  const database = await openDatabase({ databaseUrl: postgres.url, home: shaken.sample.home, connections: 2 })
  try {
    const redelivered = await makeGood(shaken, database)
    const exitCodes = await Promise.all(shaken.processes.map((each) => each.stop()))
    const lives = shaken.processes.map(
      ({ name, pids, ownEnds }) => `${name}: ${pids.length} lives, ${ownEnds.length} own ends`,
    )
    const failed = deliveries.filter(({ statusCode }) => statusCode >= 300).length
    const figures = [
      `seed ${seed}; undisturbed ${calmSeconds.toFixed()} s, kills ${shakenSeconds.toFixed()} s, in all ${((Date.now() - begun) / 1000).toFixed()} s`,
      `${failed} of ${deliveries.length} deliveries failed, the nightly run asked for ${redelivered} again; ${lives.join('; ')}`,
    ]
    const failures = [calm, shaken].flatMap(({ processes }) => processes.flatMap(({ failedJobs }) => failedJobs))
    for (const line of [...figures, ...failures.map((each) => `tried again: ${each}`)]) tell(line)
    expect(exitCodes).toEqual([0, 0, 0])
    expect(await outcome(shaken)).toEqual(wanted)
    await expectWholeRows(database.db)
  } finally {
    await database.close()
  }
  expectNothingLeft(
    shaken.sample.home,
    shaken.processes.flatMap(({ pids }) => pids),
  )
  // A database that is away may end what is just starting, in words; nothing else ends by itself.
  for (const { said } of shaken.processes.flatMap(({ ownEnds }) => ownEnds))
    expect(said.join('\n')).toMatch(
      /^(error: The database named by DATABASE_URL can't be reached|fault \(database-away\))/m,
    )
  expect(shaken.github.problems).toEqual([])
})

async function undisturbed(service: Service, database: Database): Promise<void> {
  await service.ready()
  for (const telling of service.tellings) expect((await telling.send()).statusCode).toBeLessThan(300)
  await idle(database)
  await Promise.all(service.processes.map((each) => each.stop()))
}

/** Kills, stops Postgres, and sends each webhook twice, all in the order and at the instants that chance gives. */
async function shake(service: Service, chance: Chance) {
  await service.ready()
  const steps = stepsBy(chance)
  const waiting: Telling[] = chance.shuffled([...service.tellings, ...service.tellings])
  // Over the first two thirds, so that the work outlasts them.
  const perStep = waiting.length / (steps.length * 0.67)
  const sent: ReturnType<Telling['send']>[] = []
  for (const [at, step] of steps.entries()) {
    while (waiting.length > 0 && sent.length < (at + 1) * perStep)
      sent.push(...waiting.splice(0, 1).map((each) => each.send()))
    await delay(300 + chance.next() * 4000)
    if (step === 'kill') await killOne(service, chance)
    else await outage(step, chance)
  }
  return await Promise.all(sent)
}

/** The outages spread over the kills, not all at one end. */
function stepsBy(chance: Chance): Step[] {
  const most = Math.ceil(kills / outages)
  return Array.from({ length: outages }, (_, at): Step[] => {
    const some = Math.min(most, kills - at * most)
    return chance.shuffled<Step>([...Array<Step>(Math.max(0, some)).fill('kill'), at % 2 === 0 ? 'immediate' : 'fast'])
  }).flat()
}

/** One that lives; all may be between two lives for a moment. */
async function killOne(service: Service, chance: Chance): Promise<void> {
  for (;;) {
    if (chance.shuffled(service.processes).some((each) => each.kill())) return
    await delay(50)
  }
}

async function outage(mode: 'fast' | 'immediate', chance: Chance): Promise<void> {
  await postgres.stop(mode)
  await delay(200 + chance.next() * 6000)
  await postgres.start()
}

/** What a night does about what was missed; gives how many webhooks it asked for again. */
async function makeGood(service: Service, database: Database): Promise<number> {
  const { github } = service
  await service.ready()
  const { exitCode, stdout, stderr } = await service.run('nightly', '--json')
  expect(exitCode, stderr).toBe(0)
  const [report] = jsonLines(stdout)
  expect(report).toMatchObject({ faults: [], revalidated: { quarantined: 0, faults: 0 } })
  await github.redelivered()
  const taken = new Set(github.deliveries.filter(({ statusCode }) => statusCode < 300).map(({ guid }) => guid))
  expect(service.tellings.filter(({ guid }) => !taken.has(guid))).toEqual([])
  await idle(database)
  return Number(report?.redelivered)
}
