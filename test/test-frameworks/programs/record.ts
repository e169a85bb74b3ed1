/**
 * Records what our reporters write of real runs, for `recorded.test.ts`:
 *
 *   node_modules/.bin/node --import ./src/db/commonjs-drizzle.ts test/test-frameworks/programs/record.ts [framework[/name] …]
 *
 * Each sample is installed through the package gateway and run in the sandbox, by the very code that mines a repository. Nothing of a recording is
 * written by hand: a report that is to change is recorded again. Needs what a mining needs (`quarry doctor`); packages stay in QUARRY_HOME.
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Machine, withMachine } from '../../../src/apps/machine.ts'
import { readConfig } from '../../../src/config.ts'
import { withLease } from '../../../src/db/leases.ts'
import { ecosystems, proposalsOf } from '../../../src/ecosystems/index.ts'
import type { Proposal } from '../../../src/ecosystems/types.ts'
import { provideEnvironment } from '../../../src/environment/provide.ts'
import { type Mirror, openMirror, openTree, resolveRevision } from '../../../src/git/index.ts'
import type { Strategy, TestPlan } from '../../../src/model/index.ts'
import { toolchainMounts, withEnvironment } from '../../../src/pipeline/environments.ts'
import type { Sandbox, SandboxSpec } from '../../../src/sandboxes/types.ts'
import { frameworkNamed, recognise, recognises } from '../../../src/test-frameworks/index.ts'
import { addCandidate, addRepository } from '../../filled-database.ts'
import { makeRepository } from '../../git/repository.ts'
import { type Recording, recordingFolder, writeRecording } from '../recording.ts'
import { type Sample, samples } from '../samples/index.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)

/** A sandbox that keeps what each run left in the folder of its report, and the secret that it was given. */
function listening(sandbox: Sandbox, hear: (recording: Omit<Recording, 'directory' | 'evidence'>) => void): Sandbox {
  const run = async (spec: SandboxSpec) => {
    const folder = spec.mounts.find(({ target }) => target === '/quarry/report')?.source
    const nonce = folder === undefined ? '' : await readFile(join(folder, 'nonce'), 'utf8')
    const result = await sandbox.run(spec)
    if (folder !== undefined) hear({ nonce, exitCode: result.exitCode, files: await filesIn(folder) })
    return result
  }
  return { ...sandbox, run }
}

async function filesIn(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)))
}

/** The strategy that the sample is run with, with the plans that frameworks make of it. */
async function strategyOf(sample: Sample, proposals: readonly Proposal[]): Promise<Strategy> {
  const proposal = proposals.find(({ strategy }) => sample.strategy === undefined || strategy.name === sample.strategy)
  if (proposal === undefined) throw new Error(`no strategy: ${proposals.map(({ strategy }) => strategy.name).join()}`)
  if (proposal.unfollowed !== undefined) throw new Error(JSON.stringify(proposal.unfollowed))
  const plans: TestPlan[] = []
  for (const invocation of proposal.invocations) {
    const plan = await recognise(invocation, proposal.project(invocation.directory))
    if (plan !== null) plans.push(plan)
  }
  return { ...proposal.strategy, tests: plans }
}

async function record(machine: Machine, sample: Sample, folder: string): Promise<string> {
  const commit = makeRepository(folder).commit('One', sample.files)
  const mirror = openMirror(join(folder, '.git'))
  try {
    return await recordCommit(machine, sample, mirror, commit)
  } finally {
    await mirror.close()
  }
}

async function recordCommit(machine: Machine, sample: Sample, mirror: Mirror, commit: string): Promise<string> {
  const { workshop, database } = machine
  const tree = await openTree(mirror, (await resolveRevision(mirror, `${commit}^{tree}`)) ?? commit)
  const involved = ecosystems.filter(({ name }) => name === frameworkNamed(sample.framework).ecosystem)
  const paths = Object.keys(sample.files)
  const tests = new Set(Object.keys(sample.expected).map((id) => id.split(' > ')[0]))
  const proposals = await Promise.all(
    involved.map((ecosystem) =>
      proposalsOf(ecosystem, {
        ...{ tree, changedPaths: paths, testPaths: paths.filter((path) => tests.has(path)), tag: 'v1.0.0' },
        ...{ mergedAt: new Date(sample.asOf), tools: workshop.tools, recognises, gateway: workshop.gatewayAddress },
      }),
    ),
  )
  const strategy = await strategyOf(sample, proposals.flat())
  const repositoryId = await addRepository(database.db, `recorded/${sample.framework}-${sample.name}-${Date.now()}`)
  const id = await addCandidate(database.db, repositoryId, 1, { state: 'proposed', stage: 'environment' })
  const provided = await provideEnvironment(
    {
      ...workshop,
      ...{ db: database.db, layers: workshop.holders.layers, installSeconds: 900 },
      toolchainMounts: (wanted) => toolchainMounts(workshop.tools, wanted),
      exclusively: (name, build) => withLease(database.db, name, build),
    },
    {
      ecosystems: involved,
      strategy,
      mirror,
      tree,
      owner: 'recorded',
      candidate: { id, repositoryId, installationId: 0 },
    },
  )
  const environment = await provided.stored.finally(provided.release)
  if (environment.state === 'failed') {
    const log = environment.log === null ? '' : (await workshop.blobs.get(environment.log)).toString()
    throw new Error(`${JSON.stringify(environment.evidence)}\n${log.slice(-3000)}`)
  }
  const heard: Recording[] = []
  const sandbox = listening(workshop.sandbox, (one) =>
    heard.push({ ...one, directory: strategy.tests[heard.length]?.directory ?? '.', evidence: strategy.evidence }),
  )
  const run = await withEnvironment(
    { ...workshop.holders, runner: { ...workshop.holders.runner, sandbox } },
    {
      ...{ mirror, baseTree: tree.tree, tag: 'v1.0.0', strategy, environment, priority: 0 },
      limits: { seconds: 300, memoryMiB: 4096 },
    },
    (held) => held.run(tree.tree, null),
  )
  const recording = heard[sample.plan ?? 0]
  if (recording === undefined) throw new Error('nothing was run')
  await writeRecording(recordingFolder(sample), recording)
  return `${run.ending.ended}, ${run.plans.map(({ tests }) => tests.length).join('+')} tests\n${run.log.toString().slice(-Number(process.env.SHOWN ?? 0))}`
}

const wanted = process.argv.slice(2)
const isWanted = ({ framework, name }: Sample) =>
  wanted.length === 0 || wanted.includes(framework) || wanted.includes(`${framework}/${name}`)

await withMachine(readConfig(), 1, async (machine) => {
  for (const sample of samples.filter(isWanted)) {
    const folder = await mkdtemp(join(tmpdir(), 'quarry-record-'))
    await mkdir(folder, { recursive: true })
    const started = Date.now()
    try {
      const said = await record(machine, sample, folder)
      say(`${sample.framework}/${sample.name}: ${said} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
    } catch (error) {
      process.exitCode = 1
      say(`${sample.framework}/${sample.name}: ${error instanceof Error ? error.stack : error}`)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
})
