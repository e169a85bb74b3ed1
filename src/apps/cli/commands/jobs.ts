import { Option } from 'commander'
import type { Answer } from '../exit-codes.ts'
import type { JobLine } from '../lines.ts'
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
      'Lists the jobs that failed until their retries ran out, with what each is about and what went wrong; puts them back with --retry.',
    )
    .addOption(new Option('--state <state>', 'jobs in this state').choices(['dead']).default('dead'))
    .option('--retry <id>', 'put this job back to the workers; `all`: every one')
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples('quarry jobs', 'quarry jobs --retry 0b9e1c1a-5d0e-4a51-9b2f-0e4f2a6c7d11', 'quarry jobs --retry all'),
    )
    .action(({ retry, ...options }: Options) =>
      run(options, (session) => (retry === undefined ? listJobs(session) : retryJobs(session, retry))),
    )
}

async function listJobs({ output, services }: Session): Promise<Answer> {
  const jobs = await services.deadJobs()
  for (const job of jobs) output.object(job)
  output.table(
    ['id', 'job', 'about', 'since', 'why'],
    jobs.map((job) => [job.id, job.name, aboutText(job), job.died_at, job.error.replace(/\s+/g, ' ')]),
  )
  return 'done'
}

/** `acme/shop#12`, and of a delivery its event and GUID; the key where nothing is known of it any more. */
function aboutText({ about, key }: JobLine): string {
  const { repository, pull, event, delivery } = about
  const where = repository === undefined ? [] : [pull === undefined ? repository : `${repository}#${pull}`]
  const words = [...(event === undefined ? [] : [event]), ...where, ...(delivery === undefined ? [] : [delivery])]
  return words.length === 0 ? key : words.join(' ')
}

async function retryJobs({ output, services }: Session, given: string): Promise<Answer> {
  const { retried, left } = await services.retryJobs(given === 'all' ? null : given)
  for (const id of retried) output.object({ id, state: 'queued' })
  for (const id of left) output.object({ id, state: 'dead' })
  output.text(`${retried.length} queued again: a worker, or the next \`quarry mine\`, takes them`)
  if (left.length > 0) output.text(`${left.length} left: a job of the same key is queued already`)
  return 'done'
}
