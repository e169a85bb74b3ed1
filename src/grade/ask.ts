import { createHash, randomUUID } from 'node:crypto'
import { and, asc, eq, inArray, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/connect.ts'
import { environments, gradeRequests, grades, tasks } from '../db/schema.ts'
import type { FullTask } from '../query/tasks.ts'
import { patchDigest } from './patch-digest.ts'

/** A grade that needs a job: a name for that, and the system that its environment was made on. */
export interface GradeToDo {
  readonly id: string
  readonly root: string
}

/** The job of a grade, added in the transaction that brings the grade. */
export type AddGradeJobs = (tx: Tx, grades: readonly GradeToDo[]) => Promise<void>

/** Who asks: what it asks for exists for it and for its realm alone. */
export interface Asker {
  readonly tokenId: number
  readonly realm: string
}

export interface GradeOrder {
  readonly task: Pick<FullTask, 'id' | 'contentHash' | 'installationId'>
  readonly patch: Buffer
}

/** The ids of the requests in the order of what was asked for, or why there are none. */
export type Asked = { readonly requests: readonly string[] } | { readonly refused: 'other-body' | 'erased' }

interface Order extends GradeOrder {
  readonly digest: string
}

interface PlacedOrder extends Order {
  readonly root: string
}

/**
 * Puts patches into the queue, all of them or none. One that was asked for before, by whomever, is not graded again: its grade is
 * shared, queued, running or done; a fault is graded anew. With a key that the asker used before, what it was given then is given again
 * (`other-body` where it asked for something else then).
 */
export async function askForGrades(
  db: Db,
  addJobs: AddGradeJobs,
  asker: Asker,
  key: string | null,
  wanted: readonly GradeOrder[],
): Promise<Asked> {
  const orders = wanted.map((order) => ({ ...order, digest: patchDigest(order.patch) }))
  const bodyDigest = createHash('sha256')
    .update(JSON.stringify(orders.map(({ task, digest }) => [task.id, digest])))
    .digest('hex')
  return db.transaction(async (tx) => {
    const before = key === null ? [] : await askedBefore(tx, asker, key)
    if (before.length > 0) {
      if (before.some((request) => request.bodyDigest !== bodyDigest)) return { refused: 'other-body' }
      return { requests: before.map(({ id }) => id) }
    }
    const roots = await holdTasks(tx, orders)
    if (roots === null) return { refused: 'erased' }
    const ids = await gradesFor(
      tx,
      addJobs,
      orders.map((order) => ({ ...order, root: roots.get(order.task.id) ?? '' })),
    )
    const rows = orders.map((order, position) => ({
      id: randomUUID(),
      installationId: order.task.installationId,
      gradeId: ids.get(keyOf(order)) ?? '',
      ...asker,
      idempotencyKey: key,
      bodyDigest: key === null ? null : bodyDigest,
      position,
    }))
    await tx.insert(gradeRequests).values(rows)
    return { requests: rows.map(({ id }) => id) }
  })
}

/** One request of a key at a time. */
async function askedBefore(tx: Tx, { tokenId }: Asker, key: string) {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`grades:${tokenId}:${key}`}, 0))`)
  return tx
    .select({ id: gradeRequests.id, bodyDigest: gradeRequests.bodyDigest })
    .from(gradeRequests)
    .where(and(eq(gradeRequests.tokenId, tokenId), eq(gradeRequests.idempotencyKey, key)))
    .orderBy(asc(gradeRequests.position))
}

/** An erasure that comes now waits, and then finds the grades. The systems of the tasks; null where one of them was erased. */
async function holdTasks(tx: Tx, orders: readonly Order[]): Promise<ReadonlyMap<number, string> | null> {
  const ids = [...new Set(orders.map(({ task }) => task.id))]
  const there = await tx
    .select({ id: tasks.id, root: environments.root })
    .from(tasks)
    .innerJoin(environments, eq(environments.id, tasks.environmentId))
    .where(and(inArray(tasks.id, ids), isNull(tasks.erasedAt)))
    .orderBy(asc(tasks.id))
    .for('share', { of: tasks })
  return there.length === ids.length ? new Map(there.map(({ id, root }) => [id, root])) : null
}

const keyOf = ({ task, digest }: Order) => `${task.id} ${digest}`

/** By task and patch the grade that stands for them. */
async function gradesFor(
  tx: Tx,
  addJobs: AddGradeJobs,
  orders: readonly PlacedOrder[],
): Promise<ReadonlyMap<string, string>> {
  // In one order for all: two requests with the same patches wait for one another, never both ways.
  let missing = [...new Map(orders.map((order) => [keyOf(order), order])).values()].sort((a, b) =>
    keyOf(a) < keyOf(b) ? -1 : 1,
  )
  const found = new Map<string, string>()
  // One that is there may end as a fault before it is read: then there is room for another.
  while (missing.length > 0) {
    for (const [order, id] of await insertNew(tx, addJobs, missing)) found.set(keyOf(order), id)
    for (const [order, id] of await standing(
      tx,
      missing.filter((each) => !found.has(keyOf(each))),
    ))
      found.set(keyOf(order), id)
    missing = missing.filter((order) => !found.has(keyOf(order)))
  }
  return found
}

type Paired = readonly (readonly [PlacedOrder, string])[]

async function insertNew(tx: Tx, addJobs: AddGradeJobs, orders: readonly PlacedOrder[]): Promise<Paired> {
  const inserted = await tx
    .insert(grades)
    .values(
      orders.map(({ task, patch, digest, root }) => ({
        installationId: task.installationId,
        taskId: task.id,
        contentHash: task.contentHash,
        patchDigest: digest,
        root,
        patch,
        state: 'queued' as const,
        shared: true,
      })),
    )
    .onConflictDoNothing()
    .returning({ id: grades.id, taskId: grades.taskId, patchDigest: grades.patchDigest, root: grades.root })
  await addJobs(tx, inserted)
  return paired(orders, inserted)
}

async function standing(tx: Tx, orders: readonly PlacedOrder[]): Promise<Paired> {
  if (orders.length === 0) return []
  const same = ({ task, digest }: PlacedOrder): SQL | undefined =>
    and(eq(grades.taskId, task.id), eq(grades.contentHash, task.contentHash), eq(grades.patchDigest, digest))
  const rows = await tx
    .select({ id: grades.id, taskId: grades.taskId, patchDigest: grades.patchDigest })
    .from(grades)
    .where(and(sql`${grades.shared}`, or(...orders.map(same))))
  return paired(orders, rows)
}

function paired(
  orders: readonly PlacedOrder[],
  rows: readonly { readonly id: string; readonly taskId: number; readonly patchDigest: string }[],
): Paired {
  return rows.flatMap(({ id, taskId, patchDigest }) =>
    orders
      .filter(({ task, digest }) => task.id === taskId && digest === patchDigest)
      .map((order) => [order, id] as const),
  )
}
