import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lt, sql } from 'drizzle-orm'
import { forgetServings } from '../access/index.ts'
import type { Blobs } from '../blobs/types.ts'
import type { Db } from '../db/connect.ts'
import { environments, machines } from '../db/schema.ts'
import { forgetLayers, shrinkLayers } from '../environment/layer-store.ts'
import { type Removed, removeUnreferenced } from '../erasure/blob-references.ts'
import { sweepErasures } from '../erasure/erase.ts'
import { isUnusedEnvironment } from '../erasure/suspects.ts'
import { removeUnusedNames } from '../erasure/test-names.ts'
import { forgetGradeKeys } from '../grade/keys.ts'
import { cleanLeases } from '../leases/index.ts'
import { pruneStore } from '../package-gateway/index.ts'
import { forgetOldLogs } from './clean-logs.ts'
import { removeMirrors, removeStrayPins } from './clean-mirrors.ts'
import { keptBytes, leastForLayers, shareOfArchives, shareOfPackages } from './disk-budget.ts'
import { bytesOf } from './folder-bytes.ts'
import { BLOB_GRACE_MS, forgetOnDisk } from './forget-on-disk.ts'
import { removeDeadFolders } from './process-folders.ts'
import { trimArchives } from './snapshot-archives.ts'
import type { Sources } from './sources.ts'

export interface CleanUpOptions {
  readonly home: string
  readonly db: Db
  readonly blobs: Blobs
  readonly sources: Sources
  readonly budgets: {
    /** Bytes that the data folder may take. */
    readonly disk: number
    /** How long the logs of refused candidates are kept. */
    readonly logDays: number
    /** How long the audit trail of the API is kept. */
    readonly auditDays: number
  }
  readonly signal?: AbortSignal
}

export interface CleanUpReport {
  /** Erasures that this machine worked off, and those that something running still holds up. */
  readonly erasures: { readonly done: number; readonly left: number }
  /** Of so many refused candidates. */
  readonly logs: { readonly removed: number }
  /** Rows of the audit trail. */
  readonly servings: { readonly removed: number }
  /** Leases that ended as long ago. */
  readonly leases: { readonly removed: number }
  /** Of snapshots, those used longest ago. */
  readonly archives: Removed
  readonly blobs: Removed
  readonly layers: Removed
  readonly mirrors: Removed
  readonly workFolders: { readonly removed: number }
  readonly packages: { readonly bytes: number }
}

const DAY_MS = 24 * 3600 * 1000
/** A machine that was away for longer is no longer waited for; where it comes back, it works off everything anew. */
const MACHINE_DAYS = 90

/**
 * The nightly clean-up of a machine: works off what was erased, lets go of what nothing names any more, and where the disk's budget asks for
 * it of mirrors and unpacked layers, which can be made again. Safe beside any running process: what one holds stays.
 */
export async function cleanUp(options: CleanUpOptions): Promise<CleanUpReport> {
  const { home, db, blobs, budgets, signal } = options
  const ago = (ms: number) => new Date(Date.now() - ms)
  const step = <T>(work: () => Promise<T>): Promise<T> => {
    signal?.throwIfAborted()
    return work()
  }
  await step(() => sweepErasures(db))
  await step(() => db.delete(machines).where(lt(machines.seenAt, ago(MACHINE_DAYS * DAY_MS))))
  const { pending, left } = await step(() => forgetOnDisk({ home, db, blobs }))
  await step(() => removeStrayPins(home, db))
  const logs = { removed: await step(() => forgetOldLogs(db, ago(budgets.logDays * DAY_MS))) }
  // As long as the trail that names them.
  const leases = { removed: await step(() => cleanLeases(db, ago(budgets.auditDays * DAY_MS))) }
  await step(() => forgetGradeKeys(db))
  const servings = { removed: await step(() => forgetServings(db, ago(budgets.auditDays * DAY_MS))) }
  await step(() => removeUnusedEnvironments(db, ago(2 * DAY_MS)))
  await step(() => removeUnusedNames(db))
  const archives = await step(() => trimArchives(db, blobs, budgets.disk * shareOfArchives))
  const collected = await step(() =>
    removeUnreferenced(blobs, db, { olderThan: ago(BLOB_GRACE_MS), ...(signal === undefined ? {} : { signal }) }),
  )
  const packages = { bytes: await step(() => pruneStore(join(home, 'packages'), budgets.disk * shareOfPackages)) }
  const workFolders = { removed: await step(() => removeDeadFolders(join(home, 'work'))) }
  const unknown = await step(() => removeUnknownLayers(home, db))
  const over = (await keptBytes(home)) + leastForLayers - budgets.disk
  const mirrors = await step(() => removeMirrors(home, db, options.sources, over, signal))
  const room = Math.max(0, budgets.disk - (await keptBytes(home)))
  const layers = await step(() => measured(join(home, 'layers'), () => shrinkLayers(join(home, 'layers'), room)))
  return {
    erasures: { done: pending - left, left },
    logs,
    servings,
    leases,
    archives,
    blobs: collected,
    layers: { removed: unknown.removed + layers.removed, bytes: unknown.bytes + layers.bytes },
    mirrors,
    workFolders,
    packages,
  }
}

/** Left by climbs that never came to their end, which are what stores the attempts that use them. */
async function removeUnusedEnvironments(db: Db, before: Date): Promise<void> {
  await db
    .delete(environments)
    .where(sql`${environments.usedAt} < ${before.toISOString()}::timestamptz and ${isUnusedEnvironment}`)
}

/** Unpacked layers that no environment has: one that was placed within a day may get its row yet. */
async function removeUnknownLayers(home: string, db: Db): Promise<Removed> {
  const root = join(home, 'layers')
  const known = new Set(
    (await db.selectDistinct({ layer: environments.layer }).from(environments)).map(({ layer }) => layer),
  )
  const doomed: string[] = []
  for (const name of await readdir(root).catch(() => [])) {
    if (!/^[0-9a-f]{64}$/.test(name) || known.has(`sha256:${name}`)) continue
    const used = await Promise.all([name, `${name}.held`].map((each) => stat(join(root, each)).catch(() => null)))
    if (used.every((found) => Date.now() - (found?.ctimeMs ?? 0) > DAY_MS)) doomed.push(name)
  }
  return measured(root, async () => doomed.length - (await forgetLayers(root, doomed)))
}

/** What work on a folder freed there; others may write meanwhile, so this is never less than nothing. */
async function measured(folder: string, work: () => Promise<number>): Promise<Removed> {
  const before = await bytesOf(folder)
  const removed = await work()
  return { removed, bytes: removed === 0 ? 0 : Math.max(0, before - (await bytesOf(folder))) }
}
