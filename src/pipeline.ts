/**
 * Read this first: how a merged pull becomes a task.
 *
 *   intake → miner → snapshot → environment → validators → publish
 *
 * Intake and miner run over whole batches of pulls (see pipeline/take-in.ts): they decide in microseconds, without a sandbox. Each later
 * stage is a job: it reads one candidate, writes its rows and adds the next job in the same transaction. Jobs come at
 * least once; a stage that finds its candidate further on does nothing. A stage goes on, refuses (a stored reason), or
 * throws: a fault, tried again and in the end parked where the operator sees it.
 */
import { isDatabaseAway } from './db/away.ts'
import { type AddNext, type CandidateContext, isWithdrawn, type SnapshotRow, settleFault } from './db/candidates.ts'
import { attemptWithEnvironment } from './db/environments.ts'
import { withLease } from './db/leases.ts'
import { environmentStage } from './environment/stage.ts'
import { Fault, messageOf } from './errors.ts'
import type { Mirror } from './git/index.ts'
import type { AddGradeJobs } from './grade/ask.ts'
import { laneOf } from './grade/system.ts'
import { openCandidateMirror } from './pipeline/candidate-mirror.ts'
import { toolchainMounts, withEnvironment } from './pipeline/environments.ts'
import type { CandidateJob, Jobs, StageName } from './pipeline/jobs.ts'
import { runSecondsAt, settingsAt, settingsOf } from './pipeline/settings-at.ts'
import { testPathsAt } from './pipeline/test-paths.ts'
import type { Workshop } from './pipeline/workshop.ts'
import { publishStage } from './publish/stage.ts'
import type { Handlers, JobContext, Queue } from './queue/types.ts'
import { snapshotStage } from './snapshot/stage.ts'
import { validationStage } from './validation/stage.ts'

export { type Jobs, jobNames, type StageName, stageNames } from './pipeline/jobs.ts'

export interface PipelineLimits {
  readonly runSeconds: number
  readonly memoryMiB: number
  readonly installSeconds: number
  /** For all strategies of a candidate's environment together. */
  readonly ladderSeconds: number
  /** Runs of the whole suite in each state, and of the FAIL_TO_PASS files alone. */
  readonly suiteRuns: number
  readonly repeatRuns: number
}

/** The limits of what is run, without how often. */
export const defaultLimits = {
  runSeconds: 600,
  memoryMiB: 4096,
  installSeconds: 900,
  ladderSeconds: 3600,
} satisfies Omit<PipelineLimits, 'suiteRuns' | 'repeatRuns'>

/** The limits with how often a candidate is run. */
export function limitsWith({ suite, repeats }: { readonly suite: number; readonly repeats: number }): PipelineLimits {
  return { ...defaultLimits, suiteRuns: suite, repeatRuns: repeats }
}

type StageHandler = (services: StageServices, candidateId: number) => Promise<void>
type StageServices = ReturnType<typeof servicesOf>

const stages: { readonly [Name in StageName]: StageHandler } = {
  snapshot: snapshotStage,
  environment: environmentStage,
  validators: validationStage,
  publish: publishStage,
}

/** The job of a stage for a candidate, to be added in the transaction that brings the candidate there. */
export function addNextWith(queue: Queue<Jobs>, priority: number): AddNext {
  return async (tx, stage, candidate) => {
    if (stage === 'intake' || stage === 'miner') return
    await queue.add(tx, stage, { candidate: candidate.id, priority }, { key: `candidate:${candidate.id}`, priority })
  }
}

/** The jobs of grades, to be added in the transaction that brings the grades. */
export function addGradesWith(queue: Queue<Jobs>): AddGradeJobs {
  return (tx, grades) =>
    queue.addAll(
      tx,
      'grade',
      grades.map(({ id, root }) => ({ data: {}, key: `grade:${id}`, priority: laneOf(root) })),
    )
}

/** What a worker does with each job. `settled` is told of every candidate whose job of a stage ended. */
export function handlersOf(
  workshop: Workshop,
  queue: Queue<Jobs>,
  limits: PipelineLimits,
  settled: (candidate: number, stage: StageName) => void,
): Required<Handlers<Pick<Jobs, StageName>>> {
  const handler = (name: StageName) => async (job: CandidateJob, context: JobContext) => {
    const services = servicesOf(workshop, addNextWith(queue, job.priority), limits, context.signal)
    try {
      await stages[name](services, job.candidate)
      settled(job.candidate, name)
    } catch (error) {
      if (context.signal.aborted || isDatabaseAway(error)) throw error
      // What it ran into is what it stands for no more: a mirror that was erased, a row that must not be written.
      if (await isWithdrawn(workshop.database.db, job.candidate)) return settled(job.candidate, name)
      if (!context.lastAttempt) throw error
      await settleFault(
        workshop.database.db,
        job.candidate,
        error instanceof Fault ? error.kind : 'bug',
        messageOf(error),
      )
      settled(job.candidate, name)
      throw error
    }
  }
  return {
    snapshot: handler('snapshot'),
    environment: handler('environment'),
    validators: handler('validators'),
    publish: handler('publish'),
  }
}

function servicesOf(workshop: Workshop, addNext: AddNext, limits: PipelineLimits, signal: AbortSignal) {
  const { blobs, sandbox, cores, coresPerRun, root, work, holders, tools } = workshop
  const { db } = workshop.database
  const withMirror = async <T>(context: CandidateContext, use: (mirror: Mirror) => Promise<T>): Promise<T> =>
    use(await openCandidateMirror(workshop.mirrors, workshop.sources, db, context))
  const at = (context: CandidateContext, mirror: Mirror, tree: string) =>
    settingsAt(mirror, tree, settingsOf(context.repository))
  const hold = async ({ repository }: CandidateContext, snapshot: SnapshotRow, mirror: Mirror) => ({
    mirror,
    baseTree: snapshot.baseTree,
    tag: snapshot.tag,
    limits: {
      seconds: await runSecondsAt(mirror, snapshot.afterTree, settingsOf(repository), limits.runSeconds),
      memoryMiB: limits.memoryMiB,
    },
    priority: 0,
    signal,
  })
  return {
    db,
    blobs,
    sandbox,
    cores,
    coresPerRun,
    root,
    work,
    addNext,
    withMirror,
    signal,
    tools,
    layers: holders.layers,
    gatewayAddress: workshop.gatewayAddress,
    installSeconds: limits.installSeconds,
    ladderSeconds: limits.ladderSeconds,
    suiteRuns: limits.suiteRuns,
    repeatRuns: limits.repeatRuns,
    settingsAt: at,
    testPathsAt: async (context: CandidateContext, mirror: Mirror, merge: string) =>
      testPathsAt(mirror, merge, tools, workshop.gatewayAddress, await at(context, mirror, merge)),
    toolchainMounts: (strategy: Parameters<typeof toolchainMounts>[1]) => toolchainMounts(tools, strategy),
    openGateway: workshop.openGateway,
    exclusively: <T>(name: string, build: () => Promise<T>) => withLease(db, name, build, { signal }),
    runAfter: (async (context, snapshot, mirror, strategy, environment) => {
      const request = { ...(await hold(context, snapshot, mirror)), strategy, environment, watchBuilds: true }
      return withEnvironment(holders, request, (held) => held.run(snapshot.afterTree, null))
    }) satisfies Parameters<typeof environmentStage>[0]['runAfter'],
    withEnvironment: (async (context, snapshot, mirror, use) => {
      const chosen = await attemptWithEnvironment(db, context.candidate.attemptId)
      return withEnvironment(holders, { ...(await hold(context, snapshot, mirror)), ...chosen }, use)
    }) satisfies Parameters<typeof validationStage>[0]['withEnvironment'],
  }
}
