import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createToken } from '../../src/access/index.ts'
import { openFolderBlobs } from '../../src/blobs/folder.ts'
import type { Blobs } from '../../src/blobs/types.ts'
import { type AddGradeJobs, type Asked, askForGrades, type GradeOrder } from '../../src/grade/ask.ts'
import { type FoundGrade, findGrades } from '../../src/grade/find.ts'
import type { Judgement } from '../../src/grade/grade.ts'
import { type GradeBench, workOffGrade } from '../../src/grade/work.ts'
import { type Log, makeLog } from '../../src/log.ts'
import { addGradesWith, type Jobs, jobNames } from '../../src/pipeline.ts'
import { taskWithId } from '../../src/query/tasks.ts'
import { createQueue } from '../../src/queue/queue.ts'
import type { Queue } from '../../src/queue/types.ts'
import { testDatabase } from '../postgres.ts'

/** Grades in a queue of the test's own; what a patch comes to, the test says. */
export interface GradeScene {
  readonly database: Awaited<ReturnType<typeof testDatabase>>
  readonly blobs: Blobs
  readonly queue: Queue<Jobs>
  readonly addJobs: AddGradeJobs
  /** A token's id. */
  token(name: string): Promise<number>
  /** Asks as a token of everything, and gives the requests' ids. */
  ask(tokenId: number, orders: readonly GradeOrder[]): Promise<readonly string[]>
  order(taskId: number, patch: string): Promise<GradeOrder>
  found(requests: readonly string[]): Promise<FoundGrade[]>
  bench(judge: GradeBench['judge'], more?: Partial<GradeBench>): GradeBench
  /** Takes grades from now on. */
  work(bench: GradeBench, concurrency?: number): Promise<void>
  close(): Promise<void>
}

export const judged = (verdict: Judgement['verdict'], log = ''): Judgement => ({
  verdict,
  result: { failToPass: { passed: [], failed: [] }, passToPass: { passed: 0, failed: [] }, run: null, detail: null },
  log: Buffer.from(log),
  testSeconds: 0,
})

export async function openGradeScene(log: Log = makeLog('silent')): Promise<GradeScene> {
  const database = await testDatabase()
  const { db } = database
  const folder = mkdtempSync(join(tmpdir(), 'quarry-grades-'))
  const blobs = await openFolderBlobs(folder)
  const retry = { limit: 2, delaySeconds: 1 }
  const queue = await createQueue<Jobs>(database, jobNames, { log, retry, connections: 3 })
  const addJobs = addGradesWith(queue)
  const idsOf = (asked: Asked): readonly string[] => {
    if ('refused' in asked) throw new Error(asked.refused)
    return asked.requests
  }
  return {
    database,
    blobs,
    queue,
    addJobs,
    async token(name) {
      await createToken(db, { name, scopes: ['grades:write'], owners: null, expiresAt: null })
      const row = await db.query.tokens.findFirst({ where: (tokens, { eq }) => eq(tokens.name, name) })
      return row?.id ?? 0
    },
    ask: async (tokenId, orders) => idsOf(await askForGrades(db, addJobs, { tokenId, realm: '*' }, null, orders)),
    async order(taskId, patch) {
      const task = await taskWithId(db, taskId)
      if (task === null) throw new Error(`no task ${taskId}`)
      return { task, patch: Buffer.from(patch) }
    },
    found: (requests) => findGrades(db, '*', requests),
    bench: (judge, more = {}) => ({
      ...{ db, blobs, log, judge, machine: 'here' },
      warmth: async () => ({ root: 'root', tasks: [], layers: [] }),
      task: (id) => taskWithId(db, id),
      cool: async () => undefined,
      ...more,
    }),
    work: (bench, concurrency = 2) =>
      queue.work({ grade: (_, context) => workOffGrade(bench, context) }, { concurrency: { grade: concurrency } }),
    async close() {
      await queue.stop(0)
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
