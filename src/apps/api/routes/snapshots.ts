import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Caller } from '../../../access/index.ts'
import { asCaller } from '../../../db/as-caller.ts'
import { Fault, messageOf, UserError } from '../../../errors.ts'
import type { SnapshotArchive } from '../../../pipeline/snapshot-archives.ts'
import { type FullTask, findTask } from '../../../query/tasks.ts'
import { type ArchiveFormat, archiveFormats } from '../../../snapshot/index.ts'
import { answerTo } from '../byte-ranges.ts'
import { notFound, Problem, problemSchema } from '../problem.ts'
import type { ApiRoutes, ApiServices } from '../types.ts'

const types: Readonly<Record<ArchiveFormat, string>> = { tar: 'application/zstd', bundle: 'application/x-git-bundle' }
const endings: Readonly<Record<ArchiveFormat, string>> = { tar: 'tar.zst', bundle: 'bundle' }

const paramsSchema = z.object({
  task: z
    .string()
    .describe('A task\u2019s name, which means its newest revision, or `name@revision`')
    .meta({ examples: ['acme__shop-123', 'acme__shop-123@2'] }),
})
const querySchema = z.object({
  format: z
    .enum(archiveFormats)
    .default('tar')
    .describe('`tar`: the work tree with its `.git`, as tar.zst; `bundle`: a file that `git clone` takes'),
})
const headersSchema = z.object({
  range: z.string().optional().describe('One range of bytes: `bytes=1000-`'),
  'if-range': z.string().optional().describe('The ETag that the range is of: where it changed, the whole comes'),
  'if-none-match': z.string().optional().describe('ETags that are known: 304 where it is one of them'),
  'if-match': z.string().optional().describe('ETags that are wanted: 412 where it is none of them'),
})
const bytes = z.unknown().meta({ type: 'string', format: 'binary' })

/** Snapshots as files: with entity tags and ranges, so that a broken download goes on where it was. */
export const snapshotRoutes: ApiRoutes = (api, services) => {
  api.get(
    '/tasks/:task/snapshot',
    {
      config: { scope: 'tasks:read' },
      schema: {
        operationId: 'getSnapshot',
        tags: ['tasks'],
        summary: 'The snapshot that an agent starts from, as a file',
        description:
          'Exactly what `quarry checkout` writes: the work tree and a repository with one root commit, whose id is in the header Quarry-Commit. The header Repr-Digest has the sha256 of the whole file. HEAD, ranges and conditional requests are answered.',
        params: paramsSchema,
        querystring: querySchema,
        headers: headersSchema,
        response: {
          200: {
            description: 'The whole file',
            content: { [types.tar]: { schema: bytes }, [types.bundle]: { schema: bytes } },
          },
          206: {
            description: 'A part of it',
            content: { [types.tar]: { schema: bytes }, [types.bundle]: { schema: bytes } },
          },
          304: z.null().describe('It is what the client has'),
          404: problemSchema,
          412: problemSchema,
          416: problemSchema,
          503: problemSchema,
        },
      },
    },
    async ({ params, query, headers, caller, method }, reply) => {
      const task = await taskFor(services, caller, params.task)
      const archive = await archiveOf(services, task, query.format)
      const etag = `"${archive.digest}"`
      const conditions = {
        ifMatch: headers['if-match'],
        ifNoneMatch: headers['if-none-match'],
        ifRange: headers['if-range'],
      }
      // A range of what has no body is not asked for (RFC 9110, 14.2).
      const range = method === 'HEAD' ? undefined : headers.range
      const answer = answerTo({ ...conditions, range }, etag, archive.bytes)
      if (answer.status === 412) throw new Problem(412, 'it is another file by now', `its ETag is ${etag}`)
      if (answer.status === 416) throw outside(archive)
      describe(reply, task, query.format, archive)
      if (answer.status === 304) return reply.code(304).send(null)
      const part = answer.status === 206 ? answer.part : { start: 0, end: archive.bytes - 1 }
      reply.code(answer.status).type(types[query.format])
      reply.header('content-length', part.end - part.start + 1)
      if (answer.status === 206) reply.header('content-range', `bytes ${part.start}-${part.end}/${archive.bytes}`)
      // Without a body of some sort, a HEAD's length would be 0.
      return reply.send(method === 'HEAD' ? Readable.from([]) : await services.blobs.stream(archive.digest, part))
    },
  )
}

async function taskFor({ db }: ApiServices, caller: Caller, name: string): Promise<FullTask> {
  const task = await asCaller(db, caller, (tx) => findTask(tx, name))
  if (task === null) throw notFound(`task ${name}`)
  return task
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

function describe(
  reply: FastifyReply,
  task: FullTask,
  format: ArchiveFormat,
  { digest, commit }: SnapshotArchive,
): void {
  const base64 = Buffer.from(digest.replace('sha256:', ''), 'hex').toString('base64')
  reply.headers({
    etag: `"${digest}"`,
    'accept-ranges': 'bytes',
    // What was erased is not there any more: ask each time, and be told 304.
    'cache-control': 'private, no-cache, no-transform',
    'content-disposition': `attachment; filename="${task.name}@${task.revision}.${endings[format]}"`,
    'repr-digest': `sha-256=:${base64}:`,
    'quarry-commit': commit,
  })
}

function outside({ digest, bytes: size }: SnapshotArchive): Problem {
  const headers = { 'content-range': `bytes */${size}`, etag: `"${digest}"` }
  return new Problem(416, 'the range is outside of the file', `it has ${size} bytes`, { headers })
}
