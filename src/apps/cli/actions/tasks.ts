import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { simpleGit } from 'simple-git'
import { localCaller } from '../../../access/index.ts'
import type { Config } from '../../../config.ts'
import type { Db } from '../../../db/connect.ts'
import { Fault, UserError } from '../../../errors.ts'
import { listTree, type Mirror, patchBetween } from '../../../git/index.ts'
import { mirrorOfTask } from '../../../pipeline/task-mirrors.ts'
import { streamTasks } from '../../../query/find.ts'
import { type ListedTask, listedTask, plainListing } from '../../../query/listed.ts'
import { type FullTask, findTask, foundTask, isErased } from '../../../query/tasks.ts'
import type { FoundTask } from '../../../query/types.ts'
import { checkoutSnapshot } from '../../../snapshot/index.ts'
import { openConfiguredDatabase, withDatabase } from '../../machine.ts'
import type { CheckoutLine, TaskDetail, TaskPatch } from '../lines.ts'
import type { TaskSelection } from '../services.ts'

/** The tasks that were asked for, read while they are taken. */
async function* selected(db: Db, { query, limit }: TaskSelection): AsyncGenerator<FoundTask> {
  let left = limit ?? Number.POSITIVE_INFINITY
  if (left === 0) return
  for await (const task of streamTasks(db, localCaller, query)) {
    yield task
    left -= 1
    if (left === 0) return
  }
}

export async function* listTasks(config: Config, asked: TaskSelection): AsyncGenerator<ListedTask> {
  const database = await openConfiguredDatabase(config)
  try {
    for await (const task of selected(database.db, asked)) yield listedTask(task, asked.query.fields)
  } finally {
    await database.close()
  }
}

/** The task of that name. Throws UserError where there is none. */
export async function needTask(db: Db, id: string): Promise<FullTask> {
  const task = await findTask(db, id, localCaller)
  if (task !== null) return task
  if (await isErased(db, id, localCaller))
    throw new UserError(`the task ${id} was erased`, { mend: 'take it out of your set' })
  throw new UserError(`there is no task ${id}`, { mend: 'quarry tasks lists them' })
}

export async function describeTask(config: Config, id: string): Promise<TaskDetail> {
  return withDatabase(config, async ({ db }) => {
    const task = await needTask(db, id)
    const { strategy, environment } = task
    return {
      ...plainListing(foundTask(task)),
      statement: task.statement,
      base_commit: task.snapshot.baseCommit,
      fix_patch: task.snapshot.fixPatch.toString(),
      test_patch: task.snapshot.testPatch.toString(),
      fail_to_pass: task.failToPass,
      pass_to_pass: task.passToPass,
      flaky: task.flaky,
      before: task.beforeStatuses,
      environment: {
        strategy: strategy.name,
        toolchain: strategy.toolchain,
        install: strategy.install,
        build: strategy.build,
        tests: strategy.tests,
        evidence: strategy.evidence,
        as_of: strategy.asOf,
        layer: environment.layer,
        layer_bytes: environment.layerBytes,
        root: environment.root,
      },
    }
  })
}

/** A task's patch, byte for byte: what `git apply` takes on the base commit. */
export async function taskPatch(config: Config, id: string, part: 'fix' | 'test' | 'full'): Promise<TaskPatch> {
  return withDatabase(config, async ({ db }) => {
    const task = await needTask(db, id)
    return { task: task.name, patch: await patchOf(config, db, task, part) }
  })
}

async function patchOf(config: Config, db: Db, task: FullTask, part: 'fix' | 'test' | 'full'): Promise<Buffer> {
  const { fixPatch, testPatch, baseTree, afterTree } = task.snapshot
  if (part === 'fix') return fixPatch
  if (part === 'test') return testPatch
  return withTaskMirror(config, db, task, (mirror) => patchBetween(mirror, baseTree, afterTree))
}

/** Writes the snapshot as an agent gets it into a folder that is empty or not there yet. */
export async function checkoutTask(config: Config, id: string, directory: string): Promise<CheckoutLine> {
  return withDatabase(config, async ({ db }) => {
    const task = await needTask(db, id)
    const folder = resolve(directory)
    const there = await readdir(folder).catch(() => [])
    if (there.length > 0)
      throw new UserError(`${folder} is not empty`, { mend: 'name a folder that is empty or not there yet' })
    return withTaskMirror(config, db, task, async (mirror) => {
      const { baseTree, tag } = task.snapshot
      const commit = await checkoutSnapshot(mirror, baseTree, folder, tag === null ? {} : { tag })
      await expectPristine(folder, commit)
      return { task: task.name, directory: folder, commit, files: (await listTree(mirror, baseTree)).size }
    })
  })
}

/** Looks at the work tree as its user's own git sees it: one commit, nothing changed, no remote. */
async function expectPristine(folder: string, commit: string): Promise<void> {
  const git = simpleGit(folder)
  const [log, status, remotes] = await Promise.all([git.log(['--all']), git.status(), git.getRemotes()])
  if (log.total === 1 && log.latest?.hash === commit && status.isClean() && remotes.length === 0) return
  throw new Fault(
    'checkout',
    `the work tree in ${folder} is not what was written: ${log.total} commits, ${status.files.length} changed files`,
  )
}

async function withTaskMirror<T>(
  config: Config,
  db: Db,
  task: FullTask,
  work: (mirror: Mirror) => Promise<T>,
): Promise<T> {
  const { mirror, close } = await mirrorOfTask(config.home, db, task)
  try {
    return await work(mirror)
  } finally {
    await close()
  }
}
