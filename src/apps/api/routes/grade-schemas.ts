import { z } from 'zod'
import type { FoundGrade } from '../../../grade/find.ts'
import { identity, taskId } from '../schemas.ts'

/** The largest patch, in bytes. */
export const MOST_PATCH_BYTES = 8 * 2 ** 20
/** The largest body: a batch of patches as JSON. */
export const MOST_BODY_BYTES = 16 * 2 ** 20
export const MOST_GRADES = 256

const withText = z.strictObject({
  task: taskId,
  patch: z
    .string()
    .describe('The patch as `git diff --binary` writes it; the empty text is the empty patch')
    .meta({ examples: ['diff --git a/src/cart.js b/src/cart.js\n…'] }),
})
const withBase64 = z.strictObject({
  task: taskId,
  patch_base64: z
    .base64()
    .describe('The same in base64, for a patch whose lines are not all UTF-8')
    .meta({ examples: ['ZGlmZiAtLWdpdCBhL3NyYy9jYXJ0LmpzIGIvc3JjL2NhcnQuanMK'] }),
})
const one = z.union([withText, withBase64], {
  error: 'is no patch of a task; give {task, patch} or {task, patch_base64}',
})
const batch = z.strictObject({
  grades: z.array(one).min(1).max(MOST_GRADES).describe('Patches of any tasks: all of them are taken on, or none'),
})

export const askSchema = z
  .union([withText, withBase64, batch], {
    error: 'is no patch of a task; give {task, patch}, {task, patch_base64}, or {grades: [...]} with some of these',
  })
  .meta({ id: 'GradeOrder', description: 'A patch of a task, as text or in base64, or a batch of them' })
export type GradeOrderBody = z.infer<typeof one>

const counts = z.object({ passed: z.int(), failed: z.int() })

export const gradeSchema = z
  .object({
    grade: z.guid().describe('What this grade is asked for by'),
    ...identity,
    state: z.enum(['queued', 'running', 'done']),
    verdict: z
      .enum(['resolved', 'unresolved', 'patch-rejected', 'fault'])
      .nullable()
      .describe("Null until it is done. `fault`: the machine's failure, which is no attempt: mask it"),
    reward: z
      .union([z.literal(0), z.literal(1)])
      .nullable()
      .describe('Null until it is done, and for a fault'),
    counts: z
      .object({ fail_to_pass: counts, pass_to_pass: counts })
      .nullable()
      .describe('Tests that passed and that did not; null without a judgement'),
    fail_to_pass: z
      .object({ passed: z.array(z.string()), failed: z.array(z.string()) })
      .nullable()
      .describe('By name; null without the scope `tests:read`'),
    pass_to_pass: z
      .object({ passed: z.int(), failed: z.array(z.string()) })
      .nullable()
      .describe('The failed ones by name; null without the scope `tests:read`'),
    run: z
      .object({ ended: z.string(), seconds: z.number() })
      .nullable()
      .describe('How the run of the tests ended: `completed`, `timed-out`, `out-of-memory` …; null where none ran'),
    detail: z.string().nullable().describe('Why a patch was rejected, or what the fault was'),
    seconds: z.number().nullable().describe('How long grading took'),
    queued_at: z.iso.datetime().describe('When the patch was first asked for, by whomever'),
    started_at: z.iso.datetime().nullable(),
    ended_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Grade', description: 'The judgement of a patch against a task, or its place in the queue' })

/** `withTests`: whether the caller may see the names of tests. */
export function gradeBody({ id, grade, task }: FoundGrade, withTests: boolean): z.infer<typeof gradeSchema> {
  const { verdict, result } = grade
  // A fault is no judgement: its lists say nothing.
  const judged = verdict === null || verdict === 'fault' ? null : result
  const shown = withTests ? judged : null
  return {
    grade: id,
    task: task.name,
    revision: task.revision,
    content_hash: grade.contentHash,
    state: grade.state,
    verdict,
    reward: grade.reward === 1 ? 1 : grade.reward === 0 ? 0 : null,
    counts: judged === null ? null : countsOf(judged),
    fail_to_pass:
      shown === null ? null : { passed: [...shown.failToPass.passed], failed: [...shown.failToPass.failed] },
    pass_to_pass: shown === null ? null : { passed: shown.passToPass.passed, failed: [...shown.passToPass.failed] },
    run: result?.run ?? null,
    detail: result?.detail ?? null,
    seconds: grade.seconds,
    queued_at: grade.queuedAt.toISOString(),
    started_at: grade.startedAt?.toISOString() ?? null,
    ended_at: grade.endedAt?.toISOString() ?? null,
  }
}

function countsOf({ failToPass, passToPass }: NonNullable<FoundGrade['grade']['result']>) {
  return {
    fail_to_pass: { passed: failToPass.passed.length, failed: failToPass.failed.length },
    pass_to_pass: { passed: passToPass.passed, failed: passToPass.failed.length },
  }
}
