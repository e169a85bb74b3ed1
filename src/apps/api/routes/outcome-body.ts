import { z } from 'zod'
import type { Outcome } from '../../../outcomes/index.ts'
import { taskId } from '../schemas.ts'
import { consumerName, nameText } from './lease-schemas.ts'

/** An outcome as the API takes it, and `quarry outcome` in a file. */
export const outcomeBody = z.strictObject({
  task: taskId,
  consumer: consumerName,
  model: nameText(200).meta({
    description: 'Which model tried: solve rates are kept for each',
    examples: ['some-model-7b'],
  }),
  solved: z.boolean().describe('Whether the attempt solved the task. Report nothing for a fault: it is no attempt'),
  reward: z
    .number()
    .min(-1e9)
    .max(1e9)
    .nullish()
    .meta({ description: 'What your trainer made of it', examples: [1] }),
  tokens: z
    .int()
    .min(0)
    .nullish()
    .meta({ description: 'Tokens that the model spent', examples: [18_211] }),
  grade: z.guid().nullish().meta({
    description: 'The grade that it goes by: the task has to be the same, and solved has to agree with its verdict',
  }),
})

export function outcomeOf({
  reward = null,
  tokens = null,
  grade = null,
  ...rest
}: z.output<typeof outcomeBody>): Outcome {
  return { ...rest, reward, tokens, grade }
}
