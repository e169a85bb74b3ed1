import { availableParallelism } from 'node:os'
import { Option } from 'commander'
import type { WorkName } from '../../../pipeline/jobs.ts'
import { positiveInteger, stageList } from '../arguments.ts'
import type { Answer } from '../exit-codes.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface Options {
  readonly stages?: WorkName[]
  readonly concurrency: number
  readonly grace: number
  readonly json?: boolean
}

export const registerWorker: Register = (program, run) => {
  program
    .command('worker')
    .summary('take the stages\u2019 jobs until stopped')
    .description(
      'Does what is in the queue, and what comes. Any number of workers share one database; SIGTERM ends one in order.',
    )
    .option('--stages <names>', 'only the jobs of these stages, e.g. environment,validators', stageList)
    .option('--concurrency <n>', 'jobs of a stage side by side', positiveInteger, availableParallelism())
    .addOption(
      new Option('--grace <seconds>', 'how long running jobs may take to end once it is stopped')
        .argParser(positiveInteger)
        .default(30),
    )
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
