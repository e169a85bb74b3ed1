import {
  type AddNext,
  advance,
  assertWanted,
  type CandidateContext,
  type CandidateRow,
  candidateAt,
  settleRefused,
  snapshotOf,
} from '../db/candidates.ts'
import { keepLearned } from '../db/learned-strategies.ts'
import { attempts } from '../db/schema.ts'
import type { Mirror } from '../git/index.ts'
import { type Flag, isRefused } from '../model/index.ts'
import { saveRun } from '../test-runs/run-store.ts'
import type { Attempt, ClimbServices } from './attempt.ts'
import { type Climbed, climb } from './climb.ts'

export interface EnvironmentStageServices extends ClimbServices {
  readonly withMirror: <T>(context: CandidateContext, work: (mirror: Mirror) => Promise<T>) => Promise<T>
  readonly addNext: AddNext
}

/** The environment stage: climbs the ladder of strategies until the tests run after the fix. */
export async function environmentStage(services: EnvironmentStageServices, candidateId: number): Promise<void> {
  const context = await candidateAt(services.db, candidateId, 'environment')
  if (context === null) return
  const started = Date.now()
  const snapshot = await snapshotOf(services.db, candidateId)
  if (snapshot === null) throw new Error(`candidate ${candidateId} came to the environment stage without a snapshot`)
  const outcome = await services.withMirror(context, (mirror) => climb(services, context, snapshot, mirror))
  const seconds = (Date.now() - started) / 1000
  if (isRefused(outcome)) {
    await settleRefused(services.db, context, 'environment', outcome, seconds, async (tx) => {
      for (const [position, attempt] of outcome.attempts.entries())
        await tx.insert(attempts).values(row(context.candidate, position, attempt))
    })
    return
  }
  await finish(services, context, outcome, seconds)
}

async function finish(
  services: EnvironmentStageServices,
  context: CandidateContext,
  climbed: Climbed,
  seconds: number,
): Promise<void> {
  const { chosen } = climbed
  const ids = await services.db.transaction(async (tx) => {
    await assertWanted(tx, context.candidate.id)
    for (const learned of climbed.learned) await keepLearned(tx, context.candidate, learned)
    const stored: number[] = []
    for (const [position, one] of climbed.attempts.entries()) {
      const values = row(context.candidate, position, one)
      const [inserted] = await tx
        .insert(attempts)
        .values(values)
        .onConflictDoUpdate({ target: [attempts.candidateId, attempts.position], set: values })
        .returning({ id: attempts.id })
      if (inserted !== undefined) stored.push(inserted.id)
    }
    return stored
  })
  const attemptId = ids[climbed.attempts.indexOf(chosen)]
  if (attemptId === undefined || chosen.records.length === 0) throw new Error('the chosen attempt was not stored')
  for (const [ordinal, record] of chosen.records.entries()) {
    const run = { candidateId: context.candidate.id, attemptId, state: 'after', part: 'suite', ordinal } as const
    await saveRun(services.db, services.blobs, run, record, services.coresPerRun)
  }
  const flags: Flag[] = [...chosen.strategy.flags, ...(chosen.environment?.flags ?? [])]
  await advance(
    services.db,
    context,
    {
      from: 'environment',
      to: 'validators',
      seconds,
      flags,
      attemptId,
      evidence: { strategy: chosen.strategy.name, toolchain: chosen.strategy.toolchain },
      write: async () => undefined,
    },
    services.addNext,
  )
}

function row(
  { id: candidateId, installationId }: CandidateRow,
  position: number,
  attempt: Attempt,
): typeof attempts.$inferInsert {
  return {
    candidateId,
    installationId,
    position,
    environmentId: attempt.environment?.id ?? null,
    strategy: attempt.strategy,
    outcome: attempt.outcome,
    reason: attempt.reason,
    evidence: attempt.evidence,
    log: attempt.log,
  }
}
