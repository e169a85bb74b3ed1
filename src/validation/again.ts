import type { Mirror } from '../git/index.ts'
import type { Evidence, TestId } from '../model/index.ts'
import type { FullTask } from '../query/tasks.ts'
import { failToPass, passToPass } from '../test-runs/compare.ts'
import type { HeldEnvironment } from '../test-runs/held-environment.ts'
import type { RunRecord } from '../test-runs/types.ts'

export interface AgainServices {
  readonly withMirror: <T>(task: FullTask, work: (mirror: Mirror) => Promise<T>) => Promise<T>
  readonly withEnvironment: <T>(
    task: FullTask,
    mirror: Mirror,
    work: (held: HeldEnvironment) => Promise<T>,
  ) => Promise<T>
}

/** Why a task no longer holds: what its publication tells. `flaky`: only one of two tries gave its FAIL_TO_PASS list. */
export type LostReason = 'fail-to-pass-lost' | 'pass-to-pass-lost' | 'flaky'

export interface ValidatedAgain {
  /** Null: it holds. */
  readonly lost: LostReason | null
  readonly evidence: Evidence
}

/** The same, with the time that its runs took in sandboxes. */
export interface RanAgain extends ValidatedAgain {
  readonly sandboxSeconds: number
}

interface Try {
  readonly failToPass: readonly TestId[]
  readonly passToPass: readonly TestId[]
  readonly before: string
  readonly after: string
}

/**
 * Runs a stored task's states once more and says whether its lists still hold; nothing is stored. Where one does not, all is run a second
 * time: a PASS_TO_PASS test counts as lost only where both tries lost it, as a grade gives it a second run, too. A FAIL_TO_PASS test
 * that one of them lost makes the task flaky: a right patch would be refused as often. Throws where the machine is to blame.
 */
export async function validateAgain(services: AgainServices, task: FullTask): Promise<RanAgain> {
  return services.withMirror(task, (mirror) =>
    services.withEnvironment(task, mirror, async (held) => {
      const first = await tryOnce(task, held)
      const tries = isWhole(first.lost) ? [first] : [first, await tryOnce(task, held)]
      const sandboxSeconds = tries.reduce((sum, { seconds }) => sum + seconds, 0)
      return { ...judge(tries.map(({ lost }) => lost)), sandboxSeconds }
    }),
  )
}

async function tryOnce(task: FullTask, held: HeldEnvironment): Promise<{ lost: Try; seconds: number }> {
  const before = await held.run(task.snapshot.beforeTree, null)
  const after = await held.run(task.snapshot.afterTree, null)
  const runs = [[before.ending.statuses], [after.ending.statuses]] as const
  const lost = {
    failToPass: missing(task.failToPass, failToPass(...runs)),
    passToPass: missing(task.passToPass, passToPass(...runs)),
    before: before.ending.ended,
    after: after.ending.ended,
  }
  return { lost, seconds: secondsOf(before) + secondsOf(after) }
}

const secondsOf = ({ seconds: { build, test } }: RunRecord) => build + test

/** Each try as the tests that it lost. */
export function judge(tries: readonly Try[]): ValidatedAgain {
  const inAll = (list: 'failToPass' | 'passToPass') =>
    (tries[0]?.[list] ?? []).filter((test) => tries.every((one) => one[list].includes(test)))
  const lost = { fail_to_pass: inAll('failToPass'), pass_to_pass: inAll('passToPass') }
  const evidence = { lost, tries: tries.map(({ before, after }) => ({ before, after })) }
  if (lost.fail_to_pass.length > 0) return { lost: 'fail-to-pass-lost', evidence }
  if (lost.pass_to_pass.length > 0) return { lost: 'pass-to-pass-lost', evidence }
  const shaky = [...new Set(tries.flatMap((one) => one.failToPass))]
  return shaky.length > 0 ? { lost: 'flaky', evidence: { ...evidence, flaky: shaky } } : { lost: null, evidence }
}

const isWhole = (one: Try) => one.failToPass.length === 0 && one.passToPass.length === 0

function missing(wanted: readonly TestId[], seen: readonly TestId[]): TestId[] {
  const there = new Set(seen)
  return wanted.filter((test) => !there.has(test))
}
