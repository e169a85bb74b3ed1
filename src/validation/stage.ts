import { validators } from '../../validators/index.ts'
import type { ValidationFacts, ValidatorVerdict } from '../../validators/types.ts'
import type { Blobs } from '../blobs/types.ts'
import {
  type AddNext,
  advance,
  type CandidateContext,
  candidateAt,
  type SnapshotRow,
  settleRefused,
  snapshotOf,
} from '../db/candidates.ts'
import type { Db, Tx } from '../db/connect.ts'
import { flakyTests as flakyTable, verdicts } from '../db/schema.ts'
import { type Mirror, readBlob } from '../git/index.ts'
import { type Flag, isRefused, type Refused, refuse, type TestId } from '../model/index.ts'
import { settleAll } from '../settle-all.ts'
import { failToPass } from '../test-runs/compare.ts'
import type { HeldEnvironment } from '../test-runs/held-environment.ts'
import { knownFlaky } from '../test-runs/known-flaky.ts'
import { broughtByFix, compareStored, makeLists, type TestLists } from '../test-runs/lists.ts'
import { repeatSelection } from '../test-runs/repeats.ts'
import { loadRuns, type RunIdentity, type StoredRun, saveRun } from '../test-runs/run-store.ts'
import { isExample } from '../test-runs/statuses.ts'
import type { RunRecord, Selection } from '../test-runs/types.ts'
import { unfixedSeconds } from './unfixed-seconds.ts'

export interface ValidationServices {
  readonly db: Db
  readonly blobs: Blobs
  readonly withMirror: <T>(context: CandidateContext, work: (mirror: Mirror) => Promise<T>) => Promise<T>
  /** The chosen attempt's environment on this machine, held while `work` runs. */
  readonly withEnvironment: <T>(
    context: CandidateContext,
    snapshot: SnapshotRow,
    mirror: Mirror,
    work: (held: HeldEnvironment) => Promise<T>,
  ) => Promise<T>
  readonly addNext: AddNext
  readonly coresPerRun: number
  /** Runs of the whole suite on each side. */
  readonly suiteRuns: number
  /** Runs of the FAIL_TO_PASS files alone on each side. */
  readonly repeatRuns: number
}

interface Validation {
  readonly services: ValidationServices
  readonly context: CandidateContext
  readonly snapshot: SnapshotRow
  readonly mirror: Mirror
  readonly held: HeldEnvironment
  readonly attemptId: number
  readonly runs: Map<string, StoredRun>
}

/** The validators' stage: the runs in order of cost, then every validator's verdict. */
export async function validationStage(services: ValidationServices, candidateId: number): Promise<void> {
  const context = await candidateAt(services.db, candidateId, 'validators')
  if (context === null) return
  const started = Date.now()
  const snapshot = await snapshotOf(services.db, candidateId)
  const { attemptId } = context.candidate
  if (snapshot === null || attemptId === null)
    throw new Error(`candidate ${candidateId} came to its validation without an environment`)
  const outcome = await services.withMirror(context, (mirror) =>
    services.withEnvironment(context, snapshot, mirror, async (held) => {
      const runs = new Map((await loadRuns(services.db, candidateId, attemptId)).map((run) => [runKey(run), run]))
      return validate({ services, context, snapshot, mirror, held, attemptId, runs })
    }),
  )
  await settle(services, context, outcome, (Date.now() - started) / 1000)
}

interface Outcome {
  readonly lists: TestLists
  readonly judged: readonly { readonly validator: string; readonly verdict: ValidatorVerdict }[]
}

async function validate(validation: Validation): Promise<Outcome> {
  const { services, context } = validation
  const after = await run(validation, 'after', 'suite', 0, null)
  const before = await run(validation, 'before', 'suite', 0, null)
  const isBrought = broughtByFix(validation.snapshot.changes)
  const isAsked = (test: TestId) => !isBrought(test) && !isExample(test)
  if (failToPass([before.statuses], [after.statuses]).some(isAsked)) await confirm(validation, after)
  const compared = compareStored([...validation.runs.values()])
  const lists = makeLists(compared, await knownFlaky(services.db, context.repository.id), validation.snapshot.changes)
  const facts = await factsOf(validation, lists)
  const judged: { validator: string; verdict: ValidatorVerdict }[] = []
  for (const validator of validators)
    judged.push({ validator: validator.name, verdict: await validator.validate(facts) })
  return { lists, judged }
}

/** The dear runs, for candidates that have a FAIL_TO_PASS test: as many side by side as there are cores. */
async function confirm(validation: Validation, first: StoredRun): Promise<void> {
  const ordinals = Array.from({ length: validation.services.suiteRuns - 1 }, (_, at) => at + 1)
  await settleAll([
    run(validation, 'base', 'suite', 0, null),
    ...ordinals.flatMap((ordinal) => [
      run(validation, 'before', 'suite', ordinal, null),
      run(validation, 'after', 'suite', ordinal, null),
    ]),
  ])
  const { before, after } = compareStored([...validation.runs.values()])
  const tests = failToPass(before, after)
  if (tests.length === 0) return
  const selection = repeatSelection(first.planFiles, tests)
  const repeats = Array.from({ length: validation.services.repeatRuns }, (_, at) => at)
  await settleAll(
    repeats.flatMap((ordinal) => [
      run(validation, 'before', 'repeat', ordinal, selection),
      run(validation, 'after', 'repeat', ordinal, selection),
    ]),
  )
}

async function run(
  validation: Validation,
  state: RunIdentity['state'],
  part: RunIdentity['part'],
  ordinal: number,
  selection: Selection,
): Promise<StoredRun> {
  const identity: RunIdentity = {
    candidateId: validation.context.candidate.id,
    attemptId: validation.attemptId,
    state,
    part,
    ordinal,
  }
  const stored = validation.runs.get(runKey(identity))
  if (stored !== undefined) return stored
  const fixed = validation.runs.get(runKey({ state: 'after', part: 'suite', ordinal: 0 }))
  const record: RunRecord = await validation.held.run(treeOf(validation.snapshot, state), selection, {
    repeated: part === 'repeat',
    ...(state === 'after' || fixed === undefined ? {} : { seconds: unfixedSeconds(fixed) }),
  })
  const saved = await saveRun(
    validation.services.db,
    validation.services.blobs,
    identity,
    record,
    validation.services.coresPerRun,
  )
  validation.runs.set(runKey(identity), saved)
  return saved
}

const treeOf = (snapshot: SnapshotRow, state: RunIdentity['state']) =>
  state === 'base' ? snapshot.baseTree : state === 'before' ? snapshot.beforeTree : snapshot.afterTree

const runKey = ({ state, part, ordinal }: Pick<RunIdentity, 'state' | 'part' | 'ordinal'>) =>
  `${state} ${part} ${ordinal}`

function runsOf(validation: Validation, state: RunIdentity['state'], part: RunIdentity['part']): StoredRun[] {
  return [...validation.runs.values()]
    .filter((one) => one.state === state && one.part === part)
    .sort((a, b) => a.ordinal - b.ordinal)
}

async function factsOf(validation: Validation, lists: TestLists): Promise<ValidationFacts> {
  const { services, snapshot, mirror } = validation
  const part = (state: RunIdentity['state'], which: RunIdentity['part']) =>
    runsOf(validation, state, which).map(({ ended, seconds, statuses }) => ({ ended, seconds, statuses }))
  const logOf = async (state: RunIdentity['state']) => {
    const log = runsOf(validation, state, 'suite')[0]?.log ?? null
    return log === null ? '' : (await services.blobs.get(log)).toString()
  }
  return {
    base: part('base', 'suite'),
    before: part('before', 'suite'),
    after: part('after', 'suite'),
    repeats: { before: part('before', 'repeat'), after: part('after', 'repeat') },
    ...lists,
    logs: { before: await logOf('before'), after: await logOf('after') },
    changes: snapshot.changes,
    statement: snapshot.statement,
    fixPatch: snapshot.fixPatch,
    folders: validation.held.folders,
    readBlob: (blob) => readBlob(mirror, blob),
  }
}

async function settle(
  services: ValidationServices,
  context: CandidateContext,
  outcome: Outcome,
  seconds: number,
): Promise<void> {
  const write = (tx: Tx) => writeVerdicts(tx, context, outcome)
  const evidence = {
    fail_to_pass: outcome.lists.failToPass,
    pass_to_pass: outcome.lists.passToPass.length,
    flaky: outcome.lists.flaky.slice(0, 1000),
    ...(outcome.lists.withFix.length === 0
      ? {}
      : { tests_in_new_files_of_the_fix: outcome.lists.withFix.slice(0, 100) }),
  }
  const refused = refusalOf(outcome)
  if (isRefused(refused)) {
    const known = refuse(refused.refused, { ...evidence, ...refused.evidence })
    await settleRefused(services.db, context, 'validators', known, seconds, write)
    return
  }
  await advance(
    services.db,
    context,
    { from: 'validators', to: 'publish', seconds, flags: refused.flags, evidence, write },
    services.addNext,
  )
}

/** The first refusal in the validators' order, or the flags of all. */
function refusalOf({ judged }: Outcome): Refused | { flags: Flag[] } {
  for (const { validator, verdict } of judged) {
    if (verdict.verdict === 'refused') return refuse(verdict.reason, { validator, ...verdict.evidence })
  }
  return { flags: judged.flatMap(({ verdict }) => (verdict.verdict === 'flagged' ? verdict.flags : [])) }
}

async function writeVerdicts(tx: Tx, context: CandidateContext, { judged, lists }: Outcome): Promise<void> {
  const { id: candidateId, installationId } = context.candidate
  await tx
    .insert(verdicts)
    .values(
      judged.map(({ validator, verdict }) => ({
        candidateId,
        installationId,
        validator,
        verdict: verdict.verdict,
        evidence: verdict.evidence,
        reason: verdict.verdict === 'refused' ? verdict.reason : null,
      })),
    )
    .onConflictDoNothing()
  const known = lists.flaky.map((test) => ({ repositoryId: context.repository.id, installationId, test, candidateId }))
  for (let at = 0; at < known.length; at += 1000) {
    await tx
      .insert(flakyTable)
      .values(known.slice(at, at + 1000))
      .onConflictDoNothing()
  }
}
