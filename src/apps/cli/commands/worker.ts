import type { WorkName } from '../../../pipeline/jobs.ts'
import { stageList } from '../arguments.ts'
import type { Answer } from '../exit-codes.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'
import { type WorkOptions, withWorkOptions } from './work-options.ts'

interface Options extends WorkOptions {
  readonly stages?: WorkName[]
  readonly json?: boolean
}

export const registerWorker: Register = (program, run) => {
  const command = program
    .command('worker')
    .summary('take the stages\u2019 jobs until stopped')
    .description(
      'Does what is in the queue, and what comes. Any number of workers share one database; SIGTERM ends one in order.',
    )
    .option('--stages <names>', 'only the jobs of these stages, e.g. environment,validators', stageList)
  withWorkOptions(command)
    .option(...jsonOption)
    .addHelpText('after', examples('quarry worker', 'quarry worker --stages validators --concurrency 4'))
    .action((options: Options) => run(options, (session) => work(session, options)))
}

async function work({ services, output, progress, signal, expectStop }: Session, options: Options): Promise<Answer> {
  const { grace, concurrency, stages = null } = options
  expectStop(grace)
  await services.worker(
    { stages, concurrency, graceSeconds: grace },
    {
      ready: () => progress.doing(`taking jobs${stages === null ? '' : ` of ${stages.join(', ')}`}`),
      settled: (candidate, stage) => {
        progress.doing(`candidate ${candidate}: ${stage} done`)
        output.object({ candidate, stage })
      },
      signal,
    },
  )
  return 'done'
}
