import { availableParallelism } from 'node:os'
import { Option } from 'commander'
import { positiveInteger } from '../arguments.ts'
import type { Answer } from '../exit-codes.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface Options {
  readonly worker: boolean
  readonly concurrency: number
  readonly grace: number
  readonly json?: boolean
}

export const registerServe: Register = (program, run) => {
  program
    .command('serve')
    .summary('the GitHub App, and a worker inside')
    .description(
      'Takes GitHub\u2019s webhooks, and does the work they bring. Without APP_ID it shows the page that makes the App.',
    )
    .option('--no-worker', 'no worker inside: `quarry worker` does the work elsewhere')
    .option('--concurrency <n>', 'jobs of a stage side by side', positiveInteger, availableParallelism())
    .addOption(
      new Option('--grace <seconds>', 'how long running jobs may take to end once it is stopped')
        .argParser(positiveInteger)
        .default(30),
    )
    .option(...jsonOption)
    .addHelpText('after', examples('quarry serve', 'PORT=8080 quarry serve --no-worker'))
    .action((options: Options) => run(options, (session) => serve(session, options)))
}

async function serve({ services, output, progress, signal, expectStop }: Session, options: Options): Promise<Answer> {
  const { grace, concurrency } = options
  expectStop(grace)
  await services.serve(
    { worker: options.worker ? { stages: null, concurrency, graceSeconds: grace } : null },
    {
      ready(address, setUp) {
        progress.doing(setUp ? `there is no App yet: open ${address} to make one` : `listening on ${address}`)
        output.object({ listening: address, set_up: setUp })
      },
      settled: (candidate, stage) => output.object({ candidate, stage }),
      signal,
    },
  )
  return 'done'
}
