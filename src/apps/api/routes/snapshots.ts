import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Caller } from '../../../access/index.ts'
import { asCaller } from '../../../db/as-caller.ts'
import { Fault, messageOf, UserError } from '../../../errors.ts'
import type { SnapshotArchive } from '../../../pipeline/snapshot-archives.ts'
import { type FullTask, findTask } from '../../../query/tasks.ts'
import { type ArchiveFormat, archiveFormats } from '../../../snapshot/index.ts'
import { notFound, Problem, problemSchema } from '../problem.ts'
import { bytes, taskParams } from '../schemas.ts'
import { sendBlob } from '../send-blob.ts'
import type { ApiRoutes, RouteServices } from '../types.ts'

const types: Readonly<Record<ArchiveFormat, string>> = { tar: 'application/zstd', bundle: 'application/x-git-bundle' }
const endings: Readonly<Record<ArchiveFormat, string>> = { tar: 'tar.zst', bundle: 'bundle' }

const querySchema = z.strictObject({
  format: z
    .enum(archiveFormats)
    .default('tar')
    .describe('`tar`: the work tree with its `.git`, as tar.zst; `bundle`: a file that `git clone` takes'),
})
const headersSchema = z.looseObject({
  range: z.string().optional().describe('One range of bytes: `bytes=1000-`'),
  'if-range': z.string().optional().describe('The ETag that the range is of: where it changed, the whole comes'),
  'if-none-match': z.string().optional().describe('ETags that are known: 304 where it is one of them'),
})
const file = (description: string) => {
  const schema = bytes(description)
  return { description, content: { [types.tar]: { schema }, [types.bundle]: { schema } } }
}

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
        headers: headersSchema,
        response: {
          200: file('The whole file'),
          206: file('A part of it'),
          304: z.null().describe('It is what the client has'),
          416: problemSchema,
        },
      },
    },
    async (request, reply) => {
      const { caller } = request
      const { format } = request.query
      const task = await taskFor(services, caller, request.params.task)
      const archive = await archiveOf(services, task, format)
      tell(reply, archive)
      const fileName = `${task.name}@${task.revision}.${endings[format]}`
      const sent = { digest: archive.digest, type: types[format], fileName }
      return sendBlob(services.blobs, { request, reply }, sent, () =>
        services.audit.served(caller, { what: 'snapshot', taskId: task.id, tasks: 1, detail: { format } }),
      )
    },
  )
}

async function taskFor({ db }: RouteServices, caller: Caller, name: string): Promise<FullTask> {
  const task = await asCaller(db, caller, (tx) => findTask(tx, name))
  if (task === null) throw notFound(`task ${name}`)
  return task
}

/** Kinds of faults: erased while it was asked for. */
const gone: ReadonlySet<string> = new Set(['withdrawn', 'forgotten'])

/** Erased meanwhile is not there; where this machine can't make it now, another time may do. */
async function archiveOf(
  { snapshots, log }: RouteServices,
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

function tell(reply: FastifyReply, { digest, commit }: SnapshotArchive): void {
  const base64 = Buffer.from(digest.replace('sha256:', ''), 'hex').toString('base64')
  reply.headers({
    // What was erased is not there any more: ask each time, and be told 304.
    'cache-control': 'private, no-cache, no-transform',
    'repr-digest': `sha-256=:${base64}:`,
    'quarry-commit': commit,
  })
}
