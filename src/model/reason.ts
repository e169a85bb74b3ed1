import { z } from 'zod'

/** Why a candidate was refused, by stage: the closed list of docs/contract.md. Details go into `evidence`. */
export const reasonsByStage = {
  intake: ['not-merged', 'commits-missing', 'diff-mismatch', 'not-consented', 'repository-archived'],
  miner: [
    'no-linked-issue',
    'not-a-release-branch',
    'bot',
    'no-test-change',
    'only-test-change',
    'no-source-change',
    'unsupported-language',
    'submodule-change',
    'binary-source-change',
    'too-large',
    'later-reverted',
    'backport',
  ],
  snapshot: ['patch-does-not-apply', 'split-failed'],
  environment: [
    'no-ecosystem',
    'no-test-framework',
    'toolchain-not-available',
    'package-not-available',
    'install-failed',
    'build-failed',
    'needs-service',
    'environment-too-large',
    'environment-timeout',
  ],
  validators: [
    'tests-do-not-run-after',
    'timed-out',
    'out-of-memory',
    'no-fail-to-pass',
    'flaky',
    'needs-network',
    'leak',
  ],
} as const

export type Stage = keyof typeof reasonsByStage
export type Reason = (typeof reasonsByStage)[Stage][number]
export const reasonSchema = z.enum(Object.values(reasonsByStage).flat() as [Reason, ...Reason[]])

/** What is kept on a task without refusing it. */
export const flagSchema = z.enum([
  'diff-unverified',
  'statement-from-commit',
  'statement-after-pull',
  'missing-before',
  'registry-times-unsure',
  'dependencies-trimmed',
  'settings-not-followed',
])
export type Flag = z.infer<typeof flagSchema>

/** Facts behind a verdict; JSON, small (logs are blobs and are named by digest). */
export type Evidence = Readonly<Record<string, unknown>>

export interface Refused {
  readonly refused: Reason
  readonly evidence: Evidence
}

/** A stored answer, not an error: this candidate ends here, for this one reason. */
export function refuse(reason: Reason, evidence: Evidence = {}): Refused {
  return { refused: reason, evidence }
}

export function isRefused(outcome: object): outcome is Refused {
  return 'refused' in outcome
}
