import { z } from 'zod'
import { taskFilterSchema } from '../../../query/filter.ts'
import { taskId } from '../schemas.ts'
import { solveRate, taskKeys } from '../task-schemas.ts'

/** What is no text Postgres can hold is none of ours. */
export const nameText = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine((given) => !given.includes('\0') && given.isWellFormed(), { error: 'holds characters that are no text' })

export const consumerName = nameText(200).meta({
  description: 'What your training run calls itself. Tokens that see the same owners share these names',
  examples: ['grpo-run-17'],
})

const seconds = z.int().min(60).max(86_400)
const ttl = seconds.meta({
  description: 'How long the lease lasts unless it is renewed, 60 to 86400; what is still out is then free again',
  examples: [3600],
})

export const params = z.object({
  lease: z
    .guid()
    .meta({ description: 'As POST /v1/leases gave it', examples: ['0b9e1c1a-5d0e-4a51-9b2f-0e4f2a6c7d11'] }),
})

export const leaseBody = z.strictObject({
  consumer: consumerName,
  count: z
    .int()
    .min(1)
    .max(1000)
    .meta({ description: 'Tasks wanted, 1 to 1000', examples: [64] }),
  ttl_seconds: ttl.default(3600),
  attempts: z
    .int()
    .min(1)
    .max(1024)
    .default(1)
    .meta({
      description: 'Rollouts of each task that you have in mind: the lease says so, and the task counts as served once',
      examples: [8],
    }),
  filter: taskFilterSchema
    .default({})
    .meta({ description: 'Which tasks, as GET /v1/tasks takes it; all where it is left out' }),
  again_after_seconds: z
    .int()
    .min(0)
    .max(315_360_000)
    .optional()
    .meta({
      description:
        'Once nothing is left that was never served: serve again what was completed longer ago than this. Without it nothing is served twice',
      examples: [2_592_000],
    }),
})

/** A body that may be left out. */
export const renewBody = z.strictObject({ ttl_seconds: ttl.optional() }).nullish()
export const changeBody = z
  .strictObject({
    tasks: z
      .array(taskId)
      .min(1)
      .max(1000)
      .optional()
      .meta({
        description: 'Only these, by name; all that are out where it is left out',
        examples: [['acme__shop-123']],
      }),
  })
  .nullish()

const leasedTask = z
  .object({
    ...taskKeys,
    solve_rate: solveRate,
    lease_state: z.enum(['leased', 'completed', 'released', 'expired']).describe('What became of it in this lease'),
  })
  .meta({
    id: 'LeasedTask',
    description: 'A task of a lease, as it is now: `state` and `ended` tell where the task itself ended.',
  })

export const leaseSchema = z
  .object({
    lease: z.guid(),
    consumer: z.string(),
    attempts: z.int(),
    state: z
      .enum(['open', 'expired', 'ended'])
      .describe(
        '`open`: some of it is out; `expired`: its time is over, and what was out is free again; `ended`: nothing is out any more',
      ),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    tasks: z.array(leasedTask),
  })
  .meta({ id: 'Lease' })
