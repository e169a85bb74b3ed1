import { z } from 'zod'
import { asCaller } from '../../../db/as-caller.ts'
import { certificateOf } from '../../../publish/certificate.ts'
import { findTask } from '../../../query/tasks.ts'
import { taskVersions } from '../../../query/versions.ts'
import { notFound } from '../problem.ts'
import { taskParams } from '../schemas.ts'
import type { ApiRoutes } from '../types.ts'

const time = (what: string) => z.iso.datetime().describe(what)
const digest = (what: string) => z.string().describe(what)

const contentSchema = z
  .object({
    statement: z.record(z.string(), z.string()).describe('Its variants: title, issue, hints'),
    baseTree: z.string().describe('Git\u2019s id of the snapshot\u2019s tree'),
    beforeTree: z.string().describe('With the test patch'),
    afterTree: z.string().describe('With the test and fix patches'),
    fixPatch: digest('sha256 of the fix patch, in hex'),
    testPatch: digest('sha256 of the test patch, in hex'),
    failToPass: z.array(z.string()).nullable().describe('Sorted by UTF-16 code units; null without tests:read'),
    passToPass: z.array(z.string()).nullable().describe('Sorted likewise; null without tests:read'),
    environment: digest('environment.digest'),
  })
  .describe(
    'What content_hash is made of: it is `sha256:` and sha256, in hex, of this object\u2019s canonical JSON (RFC 8785)',
  )

const runSchema = z.object({
  state: z.enum(['base', 'before', 'after']).describe('The snapshot alone, with the test patch, with the fix too'),
  part: z.enum(['suite', 'repeat']).describe('The whole suite, or the files of the FAIL_TO_PASS tests alone'),
  ordinal: z.int().describe('Which of the runs of that state, from 0 on'),
  ended: z
    .string()
    .describe('`completed`, `timed-out`, `out-of-memory`, `no-report`, `build-failed`, `killed`, `nothing-ran`'),
  exit_code: z.int().nullable(),
  seconds: z.record(z.string(), z.number()).describe('Seconds of each step: prepare, build, test'),
  peak_mib: z.int().nullable().describe('The most memory it had, in MiB; null where it was not measured'),
  cores: z.int(),
  tests: z
    .object({ passed: z.int(), failed: z.int(), skipped: z.int(), errored: z.int() })
    .describe('How many tests ended how'),
  statuses: digest('`sha256:` over the canonical JSON of {test: status}'),
  at: time('When it was stored'),
})

const environmentSchema = z.object({
  digest: digest('`sha256:` over the canonical JSON of {layer, root, strategy}'),
  layer: z.string().nullable().describe('Digest of the layer\u2019s uncompressed bytes: an OCI diff id'),
  root: z.string().describe('What the sandbox\u2019s root was'),
  strategy: z
    .record(z.string(), z.unknown())
    .describe('How it was made: toolchain, commands, and the evidence for each'),
  toolchain: z.record(z.string(), z.string()).describe('Tool \u2192 exact version'),
  layer_bytes: z.int().nullable(),
  unpacked_bytes: z.int().nullable(),
  built_at: time('When it was built'),
})

const certificateSchema = z.object({
  task: z.string(),
  revision: z.int(),
  content_hash: digest('The task\u2019s identity'),
  content: contentSchema,
  trees: z.object({
    base_commit: z.string().describe('The mainline commit just before the pull\u2019s work'),
    base: z.string(),
    before: z.string(),
    after: z.string(),
    tag: z.string().nullable().describe('As `git describe` finds it at the base'),
  }),
  environment: environmentSchema,
  runs: z.array(runSchema).describe('Every run that the lists were made of, in their order'),
  verdicts: z.array(
    z.object({
      validator: z.string(),
      verdict: z.enum(['accepted', 'refused', 'flagged']),
      reason: z.string().nullable(),
      evidence: z.record(z.string(), z.unknown()).nullable().describe('Null without tests:read'),
      at: time('When it was given'),
    }),
  ),
  flags: z.array(z.string()),
  flaky: z.array(z.string()).nullable().describe('Tests in neither list; null without tests:read'),
  before: z
    .record(z.string(), z.string())
    .nullable()
    .describe('FAIL_TO_PASS test \u2192 what it was before; null without tests:read'),
  statement_at: time('When the pull was made').nullable(),
  merged_at: time('When the pull was merged'),
  vetted_at: time('When the task was published'),
  validated_at: time('When its lists were last seen to hold, or not to'),
})

const versionsSchema = z.object({
  task: z.string(),
  versions: z
    .array(
      z.object({
        revision: z.int(),
        content_hash: digest('The identity of this revision'),
        sequence: z.int().describe('The publication that brought it'),
        state: z.enum(['live', 'quarantined', 'retired']),
        vetted_at: time('When it was published'),
        validated_at: time('When its lists were last looked at'),
        erased_at: time('When its content was erased; null: it is there').nullable(),
        events: z
          .array(
            z.object({
              sequence: z.int().describe('What `as_of` may name'),
              event: z.enum(['published', 'quarantined', 'retired']),
              reason: z.string().nullable().describe('As one word'),
              at: time('When it was told'),
            }),
          )
          .describe('What happened to it, oldest first; `published` again: it came back'),
      }),
    )
    .describe('Oldest first, erased ones too'),
})

/** Why a task can be trusted, and what became of it. */
export const evidenceRoutes: ApiRoutes = (api, { db, audit }) => {
  api.get(
    '/tasks/:task/certificate',
    {
      config: { scope: 'tasks:read' },
      schema: {
        operationId: 'getCertificate',
        tags: ['tasks'],
        summary: 'The evidence for a task',
        description:
          'Every run, verdict and digest, and what content_hash is made of. Names of tests need the scope tests:read.',
        params: taskParams,
        response: { 200: certificateSchema },
      },
    },
    async ({ params, caller, method }) => {
      const withTests = caller.scopes.has('tests:read')
      const certificate = await asCaller(db, caller, async (tx) => {
        const task = await findTask(tx, params.task, caller)
        const found = task === null ? null : await certificateOf(tx, task.id, { withTests })
        return task === null || found === null ? null : { taskId: task.id, ...found }
      })
      if (certificate === null) throw notFound(`task ${params.task}`)
      const { taskId, ...told } = certificate
      if (method !== 'HEAD') await audit.served(caller, { what: 'certificate', taskId, tasks: 1 })
      return told
    },
  )
  api.get(
    '/tasks/:task/versions',
    {
      config: { scope: 'tasks:read' },
      schema: {
        operationId: 'getVersions',
        tags: ['tasks'],
        summary: 'The revisions of a task, and what happened to each',
        params: taskParams,
        response: { 200: versionsSchema },
      },
    },
    async ({ params, caller, method }) => {
      const versions = await asCaller(db, caller, (tx) => taskVersions(tx, params.task))
      const last = versions.at(-1)
      if (last === undefined) throw notFound(`task ${params.task}`)
      if (method !== 'HEAD') await audit.served(caller, { what: 'versions', taskId: last.id, tasks: 1 })
      return {
        task: params.task.replace(/@\d+$/, ''),
        versions: versions.map(({ id: _, events, ...version }) => ({ ...version, events: [...events] })),
      }
    },
  )
}
