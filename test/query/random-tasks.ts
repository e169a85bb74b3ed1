import { eq, inArray } from 'drizzle-orm'
import type { Db } from '../../src/db/connect.ts'
import { tellEvent } from '../../src/db/publications.ts'
import { publications, solveRates, tasks } from '../../src/db/schema.ts'
import type { Flag } from '../../src/model/index.ts'
import { addRepository, addTask, type TaskValues } from '../filled-database.ts'

/** Numbers that look random and are the same in each run (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export const words = ['alpha', 'bravo', 'delta', 'gamma', 'kilo', 'tango', 'zulu']
export const repositories = ['acme/shop', 'Acme/tool', 'other/site', 'third/lib']
export const languages = ['javascript', 'typescript', 'python']
export const frameworks = ['mocha', 'jest', 'vitest']
export const licences = ['MIT', 'Apache-2.0', null]
export const flags: readonly Flag[] = ['missing-before', 'diff-unverified', 'statement-from-commit']
export const models = ['small', 'large']

/** Makes tasks of all sorts, and lets things happen to them: through the code that publishes, and what triggers make of it. */
export function randomTasks(db: Db, random: () => number) {
  const upTo = (most: number) => Math.floor(random() * most)
  const one = <T>(of: readonly T[]): T => {
    const chosen = of[upTo(of.length)]
    if (chosen === undefined) throw new Error('nothing to choose from')
    return chosen
  }
  const some = <T>(of: readonly T[]) => of.filter(() => random() < 0.4)
  const time = () => new Date(Date.UTC(2024, upTo(12), 1 + upTo(28), upTo(24)))
  const ids = new Map<string, number>()
  const made: number[] = []

  const values = (): TaskValues => {
    const mergedAt = time()
    return {
      ...{ mergedAt, earliestAt: new Date(mergedAt.getTime() - upTo(200) * 86_400_000), language: one(languages) },
      ...{ frameworks: [one(frameworks), ...some(frameworks)], flags: some(flags), licence: one(licences) },
      ...{ filesChanged: 1 + upTo(12), linesChanged: 1 + upTo(400), failToPassCount: 1 + upTo(9) },
      ...{ ecosystem: one(['node', 'python']), miner: one(['linked-pull', 'at-head']) },
      statement: { title: one(words), issue: `${one(words)} ${one(words)}`, hints: one(words) },
    }
  }
  const publish = async () => {
    const name = one(repositories)
    if (!ids.has(name)) ids.set(name, await addRepository(db, name))
    made.push(await addTask(db, ids.get(name) ?? 0, 1 + upTo(40), values()))
  }
  const tell = async (event: 'published' | 'quarantined' | 'retired') => {
    const id = one(made)
    await db.transaction(async (tx) => {
      const [task] = await tx.select().from(tasks).where(eq(tasks.id, id)).for('update')
      const may = event === 'published' ? task?.state === 'quarantined' : task?.state !== 'retired'
      if (may) await tellEvent(tx, [id], event, 'by-chance')
    })
  }
  const attempt = async () => {
    for (const model of ['', ...some(models)]) {
      const attempts = 1 + upTo(8)
      const solved = upTo(attempts + 1)
      const signal = model === '' && solved === attempts ? ('always-solved' as const) : null
      const rate = { attempts, solved, signal }
      await db
        .insert(solveRates)
        .values({ taskId: one(made), model, ...rate })
        .onConflictDoUpdate({ target: [solveRates.taskId, solveRates.model], set: rate })
    }
  }
  const happen = async () => {
    const dice = random()
    if (made.length < 5 || dice < 0.5) await publish()
    else if (dice < 0.65) await tell('quarantined')
    else if (dice < 0.8) await tell('published')
    else if (dice < 0.85) await tell('retired')
    else await attempt()
  }
  return { happen, publish, tell, attempt, one, some, upTo, time, made }
}

/** All that there is, as the naive model reads it: never `listings`. */
export async function everything(db: Db) {
  const rows = await db.select().from(tasks)
  const events = await db.select().from(publications).orderBy(publications.sequence)
  const rates = await db
    .select()
    .from(solveRates)
    .where(
      inArray(
        solveRates.taskId,
        rows.map(({ id }) => id),
      ),
    )
  return { rows, events, rates }
}

export type Everything = Awaited<ReturnType<typeof everything>>
