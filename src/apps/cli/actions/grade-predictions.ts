import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import pLimit from 'p-limit'
import { localCaller } from '../../../access/index.ts'
import { UserError } from '../../../errors.ts'
import { grade } from '../../../grade/grade.ts'
import { patchDigest } from '../../../grade/patch-digest.ts'
import { type Prediction, readPredictions, surveyPredictions } from '../../../grade/predictions.ts'
import { instanceReport, type RunTally, reasonOf, runReport } from '../../../grade/swebench-report.ts'
import { isOfSystem } from '../../../grade/system.ts'
import { findTask } from '../../../query/tasks.ts'
import { type GradedFolder, type GradedMark, openGradedFolder, safe, writeWhole } from '../../exports/graded-folder.ts'
import { gradeServices } from '../../grading.ts'
import { type Machine, withMachine } from '../../machine.ts'
import type { PredictionLine, PredictionsSummary } from '../lines.ts'
import type { PredictionsReport, PredictionsRequest, ServiceOptions } from '../services.ts'

/** What SWE-bench calls the run: part of where its reports are. */
const RUN = 'quarry'

interface Run {
  readonly machine: Machine
  readonly folder: GradedFolder
  readonly report: PredictionsReport
  readonly tally: Growing
}

interface Growing {
  readonly unknown: string[]
  readonly empty: string[]
  readonly resolved: string[]
  readonly unresolved: string[]
  readonly faults: Map<string, string>
}

/**
 * Grades a file of predictions, several side by side as far as the cores carry, and writes SWE-bench's reports. What an earlier run
 * graded of the same patches on the same tasks is not graded again, but for faults.
 */
export async function gradePredictions(
  { config }: ServiceOptions,
  request: PredictionsRequest,
  report: PredictionsReport,
): Promise<PredictionsSummary> {
  const { problems, lines } = await surveyPredictions(request.file)
  for (const problem of problems) report.decided(problem)
  const [first] = lines.values()
  if (first === undefined)
    throw new UserError(`${request.file} holds no prediction`, { mend: 'see `quarry grade --help`' })
  const out = resolve(request.out ?? `${safe(first.model)}.${RUN}.json`)
  const tally: Growing = { unknown: [], empty: [], resolved: [], unresolved: [], faults: new Map() }
  report.progress.total(lines.size)
  await withMachine(config, availableParallelism(), (machine) => {
    const folder = openGradedFolder(dirname(out), RUN)
    return gradeAll(
      { machine, folder, report, tally },
      request.file,
      (one) => lines.get(one.instance)?.line === one.line,
    )
  })
  const told = runReport({ submitted: [...lines.keys()], ...tally } satisfies RunTally)
  await writeWhole(out, told)
  return {
    report: out,
    predictions: lines.size,
    resolved: told.resolved_instances,
    unresolved: told.unresolved_instances - told.infra_failure_instances,
    empty: told.empty_patch_instances,
    faults: told.infra_failure_instances,
    unknown: told.unknown_ids.length,
    bad_lines: problems.length,
  }
}

/** A grade spends most of its time in its run; one more than there are cores gets ready meanwhile. */
async function gradeAll(run: Run, file: string, counts: (one: Prediction) => boolean): Promise<void> {
  const { signal } = run.report
  const sideBySide = run.machine.workshop.cores.total + 1
  const limit = pLimit(sideBySide)
  const failures: unknown[] = []
  const under = new Set<Promise<void>>()
  for await (const read of readPredictions(file)) {
    if ('problem' in read || !counts(read)) continue
    const work = limit(() => gradeOne(run, read))
      .catch((error: unknown) => void failures.push(error))
      .finally(() => under.delete(work))
    under.add(work)
    // The file is read no faster than it is graded.
    if (under.size > sideBySide) await Promise.race(under)
    if (failures.length > 0 || signal.aborted) break
  }
  await Promise.all(under)
  if (failures.length > 0) throw failures[0]
  signal.throwIfAborted()
}

async function gradeOne({ machine, folder, report, tally }: Run, prediction: Prediction): Promise<void> {
  const { instance, model, patch, line } = prediction
  report.signal.throwIfAborted()
  const { db } = machine.database
  const task = await findTask(db, instance, localCaller)
  if (task === null) {
    tally.unknown.push(instance)
    return report.decided({ line, problem: `there is no task ${instance}` })
  }
  if (patch === null || patch.trim() === '') {
    tally.empty.push(instance)
    return report.decided({ task: instance, model, verdict: 'unresolved', reward: 0, before: false, empty: true })
  }
  const before = await folder.find(model, instance, patch, task.contentHash)
  if (before !== null) return settle(tally, report, prediction, before, true)
  if (!isOfSystem(machine.workshop.root, task)) {
    // No answer of the patch's: the others go on, and this one is graded on a machine that can.
    const elsewhere = { patch: patchDigest(patch), content_hash: task.contentHash, verdict: 'fault' } as const
    return settle(tally, report, prediction, { ...elsewhere, reason: 'other_system' }, false)
  }
  const graded = await grade(
    gradeServices(machine.workshop, db, task, report.signal),
    task,
    Buffer.from(patch.endsWith('\n') ? patch : `${patch}\n`),
  )
  const { verdict, result } = graded
  const mark: GradedMark = {
    ...{ patch: patchDigest(patch), content_hash: task.contentHash, verdict },
    reason: verdict === 'fault' ? reasonOf(result) : null,
  }
  await folder.keep(model, instance, mark, instanceReport(instance, { verdict, result, passToPass: task.passToPass }))
  settle(tally, report, prediction, mark, false)
}

function settle(
  tally: Growing,
  report: PredictionsReport,
  { instance, model }: Prediction,
  { verdict, reason }: GradedMark,
  before: boolean,
): void {
  if (verdict === 'resolved') tally.resolved.push(instance)
  else tally.unresolved.push(instance)
  if (verdict === 'fault') tally.faults.set(instance, reason ?? 'fault')
  const reward = verdict === 'fault' ? null : verdict === 'resolved' ? 1 : 0
  const told: PredictionLine = { task: instance, model, verdict, reward, before, empty: false }
  report.decided(reason === null ? told : { ...told, reason })
}
