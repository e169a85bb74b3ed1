import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { and, asc, eq, inArray, isNull, lt, sql } from 'drizzle-orm'
import pLimit from 'p-limit'
import type { Blobs, Digest } from '../blobs/types.ts'
import type { Db, Tx } from '../db/connect.ts'
import { withLease } from '../db/leases.ts'
import { candidates, snapshotArchives, tasks } from '../db/schema.ts'
import { removeErasedBlobs } from '../erasure/blob-references.ts'
import { Fault } from '../errors.ts'
import type { FullTask } from '../query/tasks.ts'
import { type ArchiveFormat, archiveSnapshot } from '../snapshot/index.ts'
import { shareOfArchives } from './disk-budget.ts'
import type { Mirrors } from './mirrors.ts'
import { processFolder } from './process-folders.ts'
import type { Sources } from './sources.ts'
import { openTaskMirror } from './task-mirrors.ts'

/** A snapshot as one file in the blob store. */
export interface SnapshotArchive {
  readonly digest: Digest
  readonly bytes: number
  /** The id of the one commit in it. */
  readonly commit: string
}

export interface SnapshotArchives {
  /**
   * The archive of a task's snapshot: the one that is there, or made now, once however many ask and on whatever machines. Throws the
   * `Fault` `withdrawn` where the task was erased meanwhile, and those of git where this machine can't have its trees.
   */
  of(task: FullTask, format: ArchiveFormat): Promise<SnapshotArchive>
}

export interface ArchiveServices {
  readonly home: string
  readonly db: Db
  readonly blobs: Blobs
  readonly mirrors: Mirrors
  readonly sources: Sources
  /** Bytes that the data folder may take. */
  readonly diskBudget: number
}

/** Each packs on a core of its own; the rest wait for their turn. */
const madeAtOnce = 2
const hour = sql`interval '1 hour'`

export function makeSnapshotArchives(services: ArchiveServices): SnapshotArchives {
  const making = new Map<string, Promise<SnapshotArchive>>()
  const turn = pLimit(madeAtOnce)
  return {
    async of(task, format) {
      const known = await findArchive(services, task, format)
      if (known !== null) return known
      const key = `${task.id} ${format}`
      const running = making.get(key) ?? turn(() => makeOnce(services, task, format))
      making.set(key, running)
      try {
        return await running
      } finally {
        making.delete(key)
      }
    },
  }
}

const rowOf = (task: FullTask, format: ArchiveFormat) =>
  and(eq(snapshotArchives.taskId, task.id), eq(snapshotArchives.format, format))

async function findArchive({ db, blobs }: ArchiveServices, task: FullTask, format: ArchiveFormat) {
  const [row] = await db.select().from(snapshotArchives).where(rowOf(task, format))
  if (row === undefined || !(await blobs.has(row.blob))) return null
  // An hour is near enough to tell which were used last.
  await db
    .update(snapshotArchives)
    .set({ usedAt: sql`now()` })
    .where(and(rowOf(task, format), lt(snapshotArchives.usedAt, sql`now() - ${hour}`)))
  return { digest: row.blob, bytes: row.bytes, commit: row.commit }
}

/** One machine makes it; those that waited for it find it. */
function makeOnce(services: ArchiveServices, task: FullTask, format: ArchiveFormat): Promise<SnapshotArchive> {
  return withLease(services.db, `snapshot-archive:${task.id}:${format}`, async () => {
    const known = await findArchive(services, task, format)
    if (known !== null) return known
    const archive = await inFolder(services.home, (folder) => make(services, task, format, folder))
    await trimArchives(services.db, services.blobs, services.diskBudget * shareOfArchives, archive.digest)
    return archive
  })
}

async function inFolder<T>(home: string, work: (folder: string) => Promise<T>): Promise<T> {
  const root = join(home, 'work')
  await mkdir(root, { recursive: true })
  const folder = await processFolder(root)
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function make(services: ArchiveServices, task: FullTask, format: ArchiveFormat, scratch: string) {
  const { db, mirrors, sources } = services
  const mirror = await openTaskMirror(mirrors, sources, db, task)
  const { baseTree: tree, tag } = task.snapshot
  const [folder, file] = [join(scratch, 'snapshot'), join(scratch, 'archive')]
  await mkdir(folder)
  const commit = await archiveSnapshot(mirror, { tree, tag, format }, folder, file)
  return keep(services, task, format, { file, commit })
}

/** An archive holds its task's source: an erasure either waits for the row, and takes it along, or was first. */
async function keep(
  { db, blobs }: ArchiveServices,
  task: FullTask,
  format: ArchiveFormat,
  { file, commit }: { readonly file: string; readonly commit: string },
): Promise<SnapshotArchive> {
  return db.transaction(async (tx) => {
    await lockTask(tx, task)
    const { digest, bytes } = await blobs.put(createReadStream(file))
    const values = { blob: digest, bytes, commit, createdAt: sql`now()`, usedAt: sql`now()` }
    await tx
      .insert(snapshotArchives)
      .values({ taskId: task.id, format, installationId: task.installationId, ...values })
      .onConflictDoUpdate({ target: [snapshotArchives.taskId, snapshotArchives.format], set: values })
    return { digest, bytes, commit }
  })
}

/** An erasure takes candidates first, and then asks which blobs there are; one without a candidate is a tombstone's. */
async function lockTask(tx: Tx, task: FullTask): Promise<void> {
  await tx
    .select({ id: candidates.id })
    .from(candidates)
    .where(eq(candidates.id, task.candidateId ?? 0))
    .for('share')
  const there = await tx
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(eq(tasks.id, task.id), isNull(tasks.erasedAt)))
    .for('share')
  if (there.length === 0) throw new Fault('withdrawn', `the task ${task.name} was erased while its snapshot was packed`)
}

/**
 * Lets the archives go that were used longest ago, until what is left takes no more than `maximumBytes`; `spared` stays. They can be made
 * again. Gives how many went, and their bytes.
 */
export async function trimArchives(
  db: Db,
  blobs: Blobs,
  maximumBytes: number,
  spared?: Digest,
): Promise<{ readonly removed: number; readonly bytes: number }> {
  const rows = await db
    .select({ blob: snapshotArchives.blob, bytes: snapshotArchives.bytes })
    .from(snapshotArchives)
    .orderBy(asc(snapshotArchives.usedAt))
  // Revisions of a task may share one.
  const archives = new Map(rows.map(({ blob, bytes }) => [blob, bytes]))
  let total = [...archives.values()].reduce((sum, bytes) => sum + bytes, 0)
  const doomed: Digest[] = []
  let bytes = 0
  for (const [blob, size] of archives) {
    if (total <= maximumBytes) break
    if (blob === spared) continue
    doomed.push(blob)
    total -= size
    bytes += size
  }
  if (doomed.length === 0) return { removed: 0, bytes: 0 }
  await db.delete(snapshotArchives).where(inArray(snapshotArchives.blob, doomed))
  await removeErasedBlobs(blobs, db, doomed, new Date(Date.now() + 60_000))
  return { removed: doomed.length, bytes }
}
