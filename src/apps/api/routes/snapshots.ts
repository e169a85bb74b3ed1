import { z } from 'zod'
import { Fault, messageOf, UserError } from '../../../errors.ts'
import type { SnapshotArchive } from '../../../pipeline/snapshot-archives.ts'
import type { FullTask } from '../../../query/tasks.ts'
import { type ArchiveFormat, archiveFormats } from '../../../snapshot/index.ts'
import { needTask } from '../need-task.ts'
import { notFound, Problem, problemSchema } from '../problem.ts'
import { taskParams } from '../schemas.ts'
import { downloadAnswers, downloadHeaders, sendBlob } from '../send-blob.ts'
import type { ApiRoutes, ApiServices } from '../types.ts'

const types: Readonly<Record<ArchiveFormat, string>> = { tar: 'application/zstd', bundle: 'application/x-git-bundle' }
const endings: Readonly<Record<ArchiveFormat, string>> = { tar: 'tar.zst', bundle: 'bundle' }

const querySchema = z.strictObject({
  format: z
    .enum(archiveFormats)
    .default('tar')
    .describe('`tar`: the work tree with its `.git`, as tar.zst; `bundle`: a file that `git clone` takes'),
})

/** Snapshots as files: with entity tags and ranges, so that a broken download goes on where it was. */
export const snapshotRoutes: ApiRoutes = (api, services) => {
  api.get(
    '/tasks/:task/snapshot',
    {
      config: { scope: 'tasks:read', rate: 'frequent' },
      schema: {
        operationId: 'getSnapshot',
        tags: ['tasks'],
        summary: 'The snapshot that an agent starts from, as a file',
        description:
          'Exactly what `quarry checkout` writes: the work tree and a repository with one root commit, whose id is in the header Quarry-Commit. The header Repr-Digest has the sha256 of the whole file. HEAD, ranges and conditional requests are answered.',
        params: taskParams,
        querystring: querySchema,
        headers: downloadHeaders,
        response: {
          ...downloadAnswers(Object.values(types), 'The file'),
          404: problemSchema,
          503: problemSchema,
        },
      },
    },
    async (request, reply) => {
      const { params, query, caller } = request
      const task = await needTask(services.db, caller, params.task)
      const { digest, commit } = await archiveOf(services, task, query.format)
      const fileName = `${task.name}@${task.revision}.${endings[query.format]}`
      const blob = { digest, type: types[query.format], fileName, headers: { 'quarry-commit': commit } }
      return sendBlob(services.blobs, { request, reply }, blob, () =>
        services.audit.served(caller, {
          ...{ what: 'snapshot', taskId: task.id, tasks: 1, detail: { format: query.format } },
        }),
      )
    },
  )
}

/** Kinds of faults: erased while it was asked for. */
const gone: ReadonlySet<string> = new Set(['withdrawn', 'forgotten'])

/** Erased meanwhile is not there; where this machine can't make it now, another time may do. */
async function archiveOf(
  { snapshots, log }: ApiServices,
  task: FullTask,
  format: ArchiveFormat,
): Promise<SnapshotArchive> {
  try {
    return await snapshots.of(task, format)
  } catch (error) {
    if (!(error instanceof Fault || error instanceof UserError)) throw error
    if ('kind' in error && gone.has(error.kind)) throw notFound(`task ${task.name}`)
    log.error({ task: task.name, error: messageOf(error) }, 'snapshot not packed')
    throw new Problem(503, 'the snapshot can not be made now', 'ask again later; the log of the server has the cause', {
      headers: { 'retry-after': '30' },
      cause: error,
    })
  }
}
