import { eq, sql } from 'drizzle-orm'
import type { Db, Tx } from '../src/db/connect.ts'
import {
  attempts,
  candidates,
  environments,
  publicationCounter,
  publications,
  pulls,
  repositories,
  snapshots,
  tasks,
} from '../src/db/schema.ts'
import type { Strategy } from '../src/model/index.ts'
import { compactNames } from '../src/test-runs/compact.ts'

/** Rows as mining leaves them, for what reads them: a database test brings the real tables, these fill them. */
export type TaskValues = Partial<typeof tasks.$inferInsert>

export const strategy: Strategy = {
  name: 'lockfile',
  ecosystem: 'node',
  toolchain: { node: '20.18.0' },
  overrides: [],
  install: [{ argv: ['npm', 'ci'], directory: '.', variables: {} }],
  build: [{ argv: ['npm', 'run', 'build'], directory: '.', variables: {} }],
  tests: [
    { framework: 'mocha', directory: '.', version: '10.0.0', arguments: ['test'], nodeArguments: [], variables: {} },
  ],
  variables: {},
  asOf: null,
  flags: [],
  evidence: [],
}

export async function addRepository(db: Db, name = 'acme/shop'): Promise<number> {
  const [row] = await db
    .insert(repositories)
    .values({ forge: 'github.com', name, origin: `/nonexistent/${name}` })
    .returning()
  if (row === undefined) throw new Error('no repository')
  return row.id
}

/** A merged pull with its candidate. */
export async function addCandidate(
  db: Db,
  repositoryId: number,
  number: number,
  values: Partial<typeof candidates.$inferInsert> = {},
  mergedAt: Date | null = new Date('2024-05-01T00:00:00Z'),
): Promise<number> {
  const [pull] = await db
    .insert(pulls)
    .values({
      repositoryId,
      number,
      title: `Pull ${number}`,
      body: '',
      mergedAt,
      mergeCommit: mergedAt === null ? null : 'c'.repeat(40),
      labels: [],
      closes: [],
      source: 'pulls-file',
    })
    .onConflictDoUpdate({ target: [pulls.repositoryId, pulls.number], set: { number } })
    .returning()
  const [candidate] = await db
    .insert(candidates)
    .values({
      repositoryId,
      pullId: pull?.id ?? 0,
      miner: 'linked-pull',
      state: 'vetted',
      stage: 'publish',
      ...values,
    })
    .returning()
  if (candidate === undefined) throw new Error('no candidate')
  return candidate.id
}

/** A published task: the next revision of its pull's, with the next sequence. */
export async function addTask(db: Db, repositoryId: number, number: number, values: TaskValues = {}): Promise<number> {
  const [repository] = await db.select().from(repositories).where(eq(repositories.id, repositoryId))
  const name = `${repository?.name.replace('/', '__')}-${number}`
  const revisions = await db.select().from(tasks).where(eq(tasks.name, name))
  const revision = revisions.length + 1
  const candidateId = await addCandidate(db, repositoryId, number, { revision })
  const { snapshotId, attemptId, environmentId } = await addParts(db, candidateId, `${name}@${revision}`)
  return db.transaction(async (tx) => {
    const sequence = await nextSequence(tx)
    const [task] = await tx
      .insert(tasks)
      .values({
        repositoryId,
        candidateId,
        snapshotId,
        attemptId,
        environmentId,
        name,
        revision,
        sequence,
        contentHash: `sha256:${name}@${revision}`,
        repository: repository?.name ?? '',
        pull: number,
        miner: 'linked-pull',
        ecosystem: 'node',
        language: 'javascript',
        frameworks: ['mocha'],
        statement: { title: `Pull ${number}`, issue: 'It breaks', hints: 'look here' },
        failToPass: ['test/a.js > mends'],
        beforeStatuses: { 'test/a.js > mends': 'failed' },
        passToPass: compactNames(['test/a.js > holds', 'test/a.js > stays']),
        failToPassCount: 1,
        passToPassCount: 2,
        flaky: [],
        flags: [],
        filesChanged: 1,
        linesChanged: 2,
        afterSeconds: 1,
        cores: 1,
        visibility: 'public',
        mergedAt: new Date('2024-05-01T00:00:00Z'),
        earliestAt: values.mergedAt ?? new Date('2024-05-01T00:00:00Z'),
        ...values,
      })
      .returning()
    await tx.insert(publications).values({ sequence, taskId: task?.id ?? 0, event: 'published' })
    return task?.id ?? 0
  })
}

/** Takes a task out of the live set, as a new event of the sequence. */
export function endTask(db: Db, taskId: number, event: 'quarantined' | 'retired'): Promise<number> {
  return db.transaction(async (tx) => {
    const sequence = await nextSequence(tx)
    await tx.insert(publications).values({ sequence, taskId, event })
    await tx.update(tasks).set({ state: event }).where(eq(tasks.id, taskId))
    return sequence
  })
}

async function nextSequence(tx: Tx): Promise<number> {
  const [counter] = await tx
    .insert(publicationCounter)
    .values({ last: 1 })
    .onConflictDoUpdate({ target: publicationCounter.one, set: { last: sql`${publicationCounter.last} + 1` } })
    .returning()
  return counter?.last ?? 0
}

/** What a candidate's snapshot and environment stages leave. */
export async function addParts(
  db: Db,
  candidateId: number,
  key: string,
  values: Partial<typeof snapshots.$inferInsert> = {},
) {
  const [snapshot] = await db
    .insert(snapshots)
    .values({
      candidateId,
      baseCommit: 'b'.repeat(40),
      baseTree: '1'.repeat(40),
      beforeTree: '2'.repeat(40),
      afterTree: '3'.repeat(40),
      fixPatch: Buffer.from('fix\n'),
      testPatch: Buffer.from('tests\n'),
      changes: [],
      statement: { title: '', issue: '', hints: '' },
      testPaths: { tests: [], support: [], configuration: [] },
      tag: 'v1.2.0',
      ...values,
    })
    .returning()
  const [environment] = await db
    .insert(environments)
    .values({ key, state: 'built', layer: `sha256:${key}`, root: 'root', toolchain: {}, evidence: {}, seconds: 1 })
    .returning()
  const [attempt] = await db
    .insert(attempts)
    .values({ candidateId, position: 0, environmentId: environment?.id ?? 0, strategy, outcome: 'works', evidence: {} })
    .returning()
  await db
    .update(candidates)
    .set({ attemptId: attempt?.id ?? null })
    .where(eq(candidates.id, candidateId))
  return { snapshotId: snapshot?.id ?? 0, environmentId: environment?.id ?? 0, attemptId: attempt?.id ?? 0 }
}
