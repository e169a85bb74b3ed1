import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import type { FullTask } from '../../../query/tasks.ts'
import { needTask } from '../need-task.ts'
import { notFound } from '../problem.ts'
import { identity, taskParams } from '../schemas.ts'
import { downloadAnswers, downloadHeaders, sendBlob } from '../send-blob.ts'
import type { Api, ApiRoutes, RouteServices } from '../types.ts'

/** What a task is made of: its environment, and behind scopes of their own its tests and its fix. */
export const taskPartRoutes: ApiRoutes = (api, services) => {
  environmentRoute(api, services)
  layerRoute(api, services)
  testsRoute(api, services)
  solutionRoute(api, services)
}

const command = z
  .object({
    argv: z.array(z.string()).readonly(),
    directory: z.string().describe("Relative to the repository's root"),
    variables: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Command', description: 'An argument array, never a shell string' })

const environmentSchema = z
  .object({
    ...identity,
    strategy: z.string().describe('How the environment was made: `lockfile`, `as-of` …'),
    ecosystem: z.string(),
    root: z.string().describe("What the sandbox's root is: distribution, versions, digest"),
    toolchain: z.record(z.string(), z.string()).meta({ examples: [{ node: '20.18.0' }] }),
    variables: z.record(z.string(), z.string()).describe('Of every command'),
    install: z.array(command).describe('What the layer holds already'),
    build: z.array(command).describe('To be run after the patches, before the tests'),
    tests: z
      .array(
        z.object({
          framework: z.string(),
          directory: z.string(),
          version: z.string().nullable(),
          arguments: z.array(z.string()).readonly(),
          node_arguments: z.array(z.string()).readonly(),
          variables: z.record(z.string(), z.string()),
        }),
      )
      .describe('How the tests are run'),
    resolved_as_of: z.string().nullable().describe('Dependencies that no lockfile fixes are those of this time'),
    evidence: z.array(z.string()).readonly().describe('Where each choice came from'),
    after_seconds: z.number().min(0).describe('What the tests took after the fix'),
    cores: z.int().min(1).describe('On so many cores'),
    layer: z
      .object({
        diff_id: z.string().describe('Digest of the uncompressed bytes, as OCI has it'),
        digest: z.string().describe('Digest of the compressed bytes: the ETag of `url`'),
        bytes: z.int().min(0).nullable().describe('Compressed'),
        unpacked_bytes: z.int().min(0).nullable(),
        media_type: z.literal('application/vnd.oci.image.layer.v1.tar+zstd'),
        url: z.string(),
      })
      .nullable()
      .describe('What installing added; null: nothing had to be installed'),
    image: z.string().nullable().describe('The image that holds all of it, where there is one'),
  })
  .meta({ id: 'Environment' })

const layerType = 'application/vnd.oci.image.layer.v1.tar+zstd'

function environmentRoute(api: Api, { db, audit }: RouteServices): void {
  const schema = {
    ...{ operationId: 'getEnvironment', tags: ['tasks'], summary: "What a task's tests need beside the source" },
    description: 'What was installed and how, the layer that holds it, and how tests are built and run.',
    params: taskParams,
    response: { 200: environmentSchema },
  }
  const config = { scope: 'tasks:read', rate: 'frequent' } as const
  api.get('/tasks/:task/environment', { config, schema }, async ({ caller, params, method }) => {
    const task = await needTask(db, caller, params.task)
    if (method !== 'HEAD') await audit.served(caller, { what: 'environment', taskId: task.id, tasks: 1 })
    return environmentOf(task)
  })
}

function environmentOf(task: FullTask): z.output<typeof environmentSchema> {
  const { strategy, environment } = task
  const commands = (all: FullTask['strategy']['install']) =>
    all.map(({ argv, directory, variables }) => ({ argv, directory, variables: { ...variables } }))
  return {
    ...identityOf(task),
    ...{ strategy: strategy.name, ecosystem: strategy.ecosystem, root: environment.root },
    ...{ toolchain: { ...strategy.toolchain }, variables: { ...strategy.variables } },
    ...{ install: commands(strategy.install), build: commands(strategy.build) },
    tests: strategy.tests.map(({ nodeArguments, variables, ...plan }) => ({
      ...plan,
      variables: { ...variables },
      node_arguments: nodeArguments,
    })),
    ...{ resolved_as_of: strategy.asOf, evidence: strategy.evidence },
    ...{ after_seconds: task.afterSeconds, cores: task.cores },
    layer: layerOf(task),
    image: null,
  }
}

function layerOf({ name, revision, environment }: FullTask): z.output<typeof environmentSchema>['layer'] {
  const { layer, blob, layerBytes, unpackedBytes } = environment
  if (layer === null || blob === null) return null
  const url = `/v1/tasks/${name}@${revision}/environment/layer`
  return { diff_id: layer, digest: blob, bytes: layerBytes, unpacked_bytes: unpackedBytes, media_type: layerType, url }
}

function layerRoute(api: Api, { db, audit, blobs }: RouteServices): void {
  const schema = {
    ...{ operationId: 'getLayer', tags: ['tasks'], summary: "The layer of a task's environment" },
    description:
      'A tar archive, compressed by zstd: laid under the snapshot it is the environment. Ranges and ETags make a broken download go on.',
    params: taskParams,
    headers: downloadHeaders,
    response: downloadAnswers([layerType], 'tar, zstd'),
  }
  const config = { scope: 'tasks:read', rate: 'frequent' } as const
  api.get('/tasks/:task/environment/layer', { config, schema }, async (request, reply) => {
    const { caller, params } = request
    const task = await needTask(db, caller, params.task)
    const digest = task.environment.blob
    if (digest === null) throw notFound(`layer of the task ${params.task}: nothing had to be installed`)
    const fileName = `${task.name}-${task.revision}.layer.tar.zst`
    return sendBlob(blobs, { request, reply }, { digest, type: layerType, fileName }, () =>
      audit.served(caller, { what: 'layer', taskId: task.id, tasks: 1 }),
    )
  })
}

const patchWords = 'as `git apply` takes it; null: it is not UTF-8'

const testsSchema = z
  .object({
    ...identity,
    fail_to_pass: z.array(z.string()).readonly().describe('Tests that the fix mends'),
    pass_to_pass: z.array(z.string()).readonly().describe('Tests that pass before and after it'),
    flaky: z.array(z.string()).readonly().describe('Tests in neither list, since they pass in some runs of one state'),
    before: z
      .record(z.string(), z.string())
      .describe('What each FAIL_TO_PASS test was before: failed, errored, skipped, missing'),
    test_patch: z.string().nullable().describe(`The test patch, ${patchWords}`),
    test_patch_base64: z.string().nullable().describe('Its bytes, where `test_patch` is null'),
  })
  .meta({ id: 'Tests' })

function testsRoute(api: Api, { db, audit }: RouteServices): void {
  const schema = {
    ...{ operationId: 'getTests', tags: ['tasks'], summary: "A task's tests: what its grade hangs on" },
    params: taskParams,
    response: { 200: testsSchema },
  }
  api.get('/tasks/:task/tests', { config: { scope: 'tests:read' }, schema }, async ({ caller, params, method }) => {
    const task = await needTask(db, caller, params.task)
    if (method !== 'HEAD') await audit.served(caller, { what: 'tests', taskId: task.id, tasks: 1 })
    const [text, base64] = patchOf(task.snapshot.testPatch)
    return {
      ...identityOf(task),
      ...{ fail_to_pass: task.failToPass, pass_to_pass: task.passToPass, flaky: task.flaky },
      before: { ...task.beforeStatuses },
      ...{ test_patch: text, test_patch_base64: base64 },
    }
  })
}

const solutionSchema = z
  .object({
    ...identity,
    fix_patch: z.string().nullable().describe(`The fix patch, ${patchWords}`),
    fix_patch_base64: z.string().nullable().describe('Its bytes, where `fix_patch` is null'),
  })
  .meta({ id: 'Solution' })

function solutionRoute(api: Api, { db, audit }: RouteServices): void {
  const schema = {
    ...{ operationId: 'getSolution', tags: ['tasks'], summary: 'The fix' },
    params: taskParams,
    response: { 200: solutionSchema },
  }
  api.get(
    '/tasks/:task/solution',
    { config: { scope: 'solutions:read' }, schema },
    async ({ caller, params, method }) => {
      const task = await needTask(db, caller, params.task)
      if (method !== 'HEAD') await audit.served(caller, { what: 'solution', taskId: task.id, tasks: 1 })
      const [text, base64] = patchOf(task.snapshot.fixPatch)
      return { ...identityOf(task), fix_patch: text, fix_patch_base64: base64 }
    },
  )
}

function identityOf({ name, revision, contentHash }: FullTask) {
  return { task: name, revision, content_hash: contentHash }
}

/** A patch holds its files' own bytes, which JSON can carry only where they are UTF-8. */
function patchOf(patch: Buffer): [string, null] | [null, string] {
  return isUtf8(patch) ? [patch.toString(), null] : [null, patch.toString('base64')]
}
