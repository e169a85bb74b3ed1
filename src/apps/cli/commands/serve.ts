import type { Answer } from '../exit-codes.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'
import { type WorkOptions, withWorkOptions } from './work-options.ts'

interface Options extends WorkOptions {
  readonly worker: boolean
  readonly json?: boolean
}

export const registerServe: Register = (program, run) => {
  const command = program
    .command('serve')
    .summary('the HTTP API, the GitHub App, and a worker inside')
    .description(
      'Serves the HTTP API, takes GitHub\u2019s webhooks, and does the work they bring. Without APP_ID it also shows the page that makes the App.',
    )
    .option('--no-worker', 'no worker inside: `quarry worker` does the work elsewhere')
  withWorkOptions(command)
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
        progress.doing(
          setUp
            ? `listening on ${address}; there is no App yet: open it in a browser to make one`
            : `listening on ${address}`,
        )
        output.object({ listening: address, set_up: setUp })
      },
      settled: (candidate, stage) => output.object({ candidate, stage }),
      signal,
    },
  )
  return 'done'
}
