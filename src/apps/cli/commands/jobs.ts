import { Option } from 'commander'
import type { Answer } from '../exit-codes.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface Options {
  readonly retry?: string
  readonly json?: boolean
}

export const registerJobs: Register = (program, run) => {
  program
    .command('jobs')
    .summary('parked jobs')
    .description(
      'Lists the jobs that faulted until their retries ran out, with what went wrong; gives one back with --retry.',
    )
    .addOption(new Option('--state <state>', 'jobs in this state').choices(['dead']).default('dead'))
    .option('--retry <id>', 'give this job back to the workers')
    .option(...jsonOption)
    .addHelpText('after', examples('quarry jobs', 'quarry jobs --retry 0b9e1c1a-5d0e-4a51-9b2f-0e4f2a6c7d11'))
    .action(({ retry, ...options }: Options) =>
      run(options, (session) => (retry === undefined ? listJobs(session) : retryJob(session, retry))),
    )
}

async function listJobs({ output, services }: Session): Promise<Answer> {
  const jobs = await services.deadJobs()
  for (const job of jobs) output.object(job)
  output.table(
    ['id', 'stage', 'for', 'since', 'error'],
    jobs.map((job) => [job.id, job.name, job.key, job.died_at, job.error]),
  )
  return 'done'
}

async function retryJob({ output, services }: Session, id: string): Promise<Answer> {
  await services.retryJob(id)
  output.object({ id, state: 'queued' })
  output.text(`${id} is queued again: the next \`quarry mine\` does it`)
  return 'done'
}
