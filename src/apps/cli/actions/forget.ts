import { asc, eq, or, sql } from 'drizzle-orm'
import { execa } from 'execa'
import { openFolderBlobs } from '../../../blobs/folder.ts'
import type { Blobs } from '../../../blobs/types.ts'
import type { Config } from '../../../config.ts'
import type { Db } from '../../../db/connect.ts'
import { repositories, repositoryNames } from '../../../db/schema.ts'
import { erase } from '../../../erasure/erase.ts'
import { machinesThatOwe } from '../../../erasure/machines.ts'
import type { Scope } from '../../../erasure/scope.ts'
import { liftErasure } from '../../../erasure/standing.ts'
import { weigh } from '../../../erasure/weigh.ts'
import { UserError } from '../../../errors.ts'
import { forgetOnDisk } from '../../../pipeline/forget-on-disk.ts'
import { mirrorFolder } from '../../../pipeline/mirror-folders.ts'
import { withDatabase } from '../../machine.ts'
import { nearNames } from '../../near-names.ts'
import type { ForgetLine, ForgetPlan, UnforgetLine } from '../lines.ts'
import type { ForgetRequest } from '../services.ts'

/** Retires and erases, once `confirm` has seen what would go; null where it says no. */
export async function forget(
  config: Config,
  request: ForgetRequest,
  confirm: (plan: ForgetPlan) => Promise<boolean>,
): Promise<ForgetLine | null> {
  return withDatabase(config, async ({ db }) => {
    const { scope, name } = await scopeOf(db, config, request)
    const blobs = await openFolderBlobs(config.blobs)
    const plan = { repository: name, pull: scope.pull, ...(await planOf(config.home, db, blobs, scope)) }
    if (!(await confirm(plan))) return null
    const { erasure, retired } = await erase(db, scope, 'forgotten')
    await forgetOnDisk({ home: config.home, db, blobs })
    const owing = await machinesThatOwe(db, erasure.id)
    return {
      ...plan,
      retired,
      machines_left: owing.map(({ id, host, seenAt }) => ({ machine: id, host, seen_at: seenAt.toISOString() })),
    }
  })
}

/** Lets it be mined again. What was erased stays so. */
export async function unforget(config: Config, request: ForgetRequest): Promise<UnforgetLine> {
  return withDatabase(config, async ({ db }) => {
    const { scope, name } = await scopeOf(db, config, request)
    const lifted = await liftErasure(db, scope)
    return { repository: name, pull: scope.pull, lifted: lifted.length > 0 }
  })
}

async function scopeOf(
  db: Db,
  config: Config,
  { repository, pull }: ForgetRequest,
): Promise<{ scope: Scope; name: string }> {
  const wanted = repository.toLowerCase()
  const found = await db
    .selectDistinct({ id: repositories.id, name: repositories.name, forge: repositories.forge })
    .from(repositories)
    .leftJoin(repositoryNames, eq(repositoryNames.repositoryId, repositories.id))
    .where(or(sql`lower(${repositories.name}) = ${wanted}`, sql`lower(${repositoryNames.name}) = ${wanted}`))
    .orderBy(asc(repositories.id))
  const named = found.filter(({ name }) => name.toLowerCase() === wanted)
  const some = named.length > 0 ? named : found
  const one = some.find(({ forge }) => forge === config.forge) ?? some[0]
  if (one !== undefined) return { scope: { repositoryId: one.id, pull }, name: one.name }
  const names = await db.select({ name: repositories.name }).from(repositories)
  const near = nearNames(
    repository,
    names.map(({ name }) => name),
  )
  throw new UserError(`nothing is known of a repository ${repository}`, {
    mend: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'quarry candidates lists what is known',
  })
}

async function planOf(home: string, db: Db, blobs: Blobs, scope: Scope) {
  const { tasks, candidates, runs, grades, blobs: digests } = await weigh(db, scope)
  const sizes = await Promise.all(digests.map((digest) => blobs.size(digest)))
  const stored = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
  const mirror = scope.pull === null ? await bytesOf(mirrorFolder(home, scope.repositoryId)) : 0
  return { tasks, candidates, runs, grades, bytes: stored + mirror }
}

async function bytesOf(folder: string): Promise<number> {
  const { stdout } = await execa('du', ['--summarize', '--block-size=1', folder], { reject: false })
  return Number.parseInt(stdout, 10) || 0
}
