import { join } from 'node:path'
import type { RunEnding, TestPlan } from '../model/index.ts'
import { upperOf } from '../sandboxes/upper.ts'
import { frameworkNamed } from '../test-frameworks/index.ts'
import { makeReportFolder } from './report-folder.ts'
import { RunLog } from './run-log.ts'
import { applyChanges, execute, type Progress, runBuilds, type Stopped, type TestRunner } from './run-steps.ts'
import { statusesOf } from './statuses.ts'
import type { PlanOutcome, RunRecord, RunRequest } from './types.ts'
import { filesBelow, wroteOver } from './written-over.ts'

/**
 * One execution of the tests: a fresh scratch over the snapshot, the changes put on, the builds, then every plan's
 * framework with our reporter. A build that fails does not end the run: what can be tested still is, in every state alike.
 * Throws Fault where the machine is to blame; everything that the repository's code does is a record.
 */
export async function runTests(runner: TestRunner, request: RunRequest): Promise<RunRecord> {
  const scratch = await runner.sandbox.scratch()
  try {
    // What comes before and after leaves the cores to others.
    return await request.onCores((cores) =>
      stages({
        ...{ runner, request, scratch, cores, log: new RunLog(), peakMib: 0 },
        deadline: Date.now() + request.limits.seconds * 1000,
      }),
    )
  } finally {
    await runner.sandbox.discard(scratch)
  }
}

async function stages(progress: Progress): Promise<RunRecord> {
  const started = Date.now()
  const isBuilt = await layBuilt(progress)
  if (!isBuilt) await applyChanges(progress)
  const prepared = Date.now()
  const { build, buildWroteOver } = isBuilt ? nothingBuilt : await runWatchedBuilds(progress)
  if (!isBuilt && build.stopped === null && build.failed === null) await showBuilt(progress)
  const built = Date.now()
  const tested =
    build.stopped === null ? await runPlans(progress) : { plans: [], stopped: build.stopped, exitCode: null }
  const stopped = build.stopped ?? tested.stopped
  return {
    ending: endingOf(progress, tested.plans, stopped, build.failed, tested.exitCode),
    exitCode: tested.exitCode,
    seconds: {
      prepare: (prepared - started) / 1000,
      build: (built - prepared) / 1000,
      test: (Date.now() - built) / 1000,
    },
    peakMib: progress.peakMib || null,
    buildWroteOver,
    plans: tested.plans,
    log: progress.log.tail(),
  }
}

const nothingBuilt = { build: { failed: null, stopped: null }, buildWroteOver: null }

/** Whether the state stands there with its builds done, as they were in earlier runs of it. */
async function layBuilt({ request, scratch, log }: Progress): Promise<boolean> {
  const { builds, built } = request
  if (built !== null) {
    log.note('# builds: those that all repeated runs of this state share')
    return true
  }
  if (builds === undefined || !(await builds.kept.lay(builds.tree, upperOf(scratch)))) return false
  log.note('# builds: as in earlier runs of the same files')
  return true
}

/** Before the tests, which may change it. */
async function showBuilt({ request: { builds }, scratch }: Progress): Promise<void> {
  await builds?.kept.show(builds.tree, upperOf(scratch))
}

async function runWatchedBuilds(progress: Progress) {
  if (!progress.request.watchBuilds) return { build: await runBuilds(progress), buildWroteOver: null }
  const upper = upperOf(progress.scratch)
  const own = new Set(await filesBelow(upper))
  const started = Date.now()
  const build = await runBuilds(progress)
  return { build, buildWroteOver: await wroteOver(upper, progress.request.base, own, started) }
}

async function runPlans(
  progress: Progress,
): Promise<{ plans: PlanOutcome[]; stopped: Stopped | null; exitCode: number | null }> {
  const plans: PlanOutcome[] = []
  let exitCode: number | null = null
  for (const [at, plan] of progress.request.environment.strategy.tests.entries()) {
    const files = progress.request.selection?.[at] ?? null
    if (files !== null && files.length === 0) continue
    const { outcome, stopped } = await runPlan(progress, plan, at, files)
    plans.push(outcome)
    exitCode = exitCode === null || exitCode === 0 ? outcome.exitCode : exitCode
    if (stopped !== null) return { plans, stopped, exitCode }
  }
  return { plans, stopped: null, exitCode }
}

async function runPlan(progress: Progress, plan: TestPlan, at: number, files: readonly string[] | null) {
  const framework = frameworkNamed(plan.framework)
  const { runner } = progress
  const report = await makeReportFolder(join(progress.scratch, `report-${at}`), progress.deadline)
  await runner.sandbox.adopt(report.folder)
  const result = await execute(progress, framework.command(plan, files), [
    { source: runner.reporters, target: '/quarry/reporters', writable: false },
    { source: runner.node, target: '/quarry/node', writable: false },
    { source: report.folder, target: '/quarry/report', writable: true },
  ])
  const parsed = framework.parse({
    files: await report.read(),
    stdout: result.stdout,
    nonce: report.nonce,
    directory: plan.directory,
  })
  const outcome: PlanOutcome = {
    framework: plan.framework,
    tests: parsed.tests,
    complete: parsed.complete && result.ended === 'exited',
    exitCode: result.exitCode,
    seconds: result.seconds,
  }
  return { outcome, stopped: result.ended === 'exited' ? null : result.ended }
}

function endingOf(
  progress: Progress,
  plans: readonly PlanOutcome[],
  stopped: Stopped | null,
  buildFailed: { command: string; exitCode: number | null } | null,
  exitCode: number | null,
): RunEnding {
  const statuses = statusesOf(plans.flatMap((plan) => plan.tests))
  if (stopped === 'timed-out') return { ended: 'timed-out', afterSeconds: progress.request.limits.seconds, statuses }
  if (stopped === 'out-of-memory') return { ended: 'out-of-memory', peakMiB: progress.peakMib, statuses }
  if (stopped !== null) return { ended: 'killed', signal: stopped, statuses }
  if (statuses.size === 0 && buildFailed !== null) return { ended: 'build-failed', ...buildFailed, statuses }
  if (plans.some((plan) => !plan.complete)) return { ended: 'no-report', exitCode, statuses }
  if (statuses.size === 0) return { ended: 'nothing-ran', exitCode, statuses }
  return { ended: 'completed', statuses }
}
