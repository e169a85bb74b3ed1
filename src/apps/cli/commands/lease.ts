import { type Command, InvalidArgumentError } from 'commander'
import type { LeaseJson } from '../../lease-json.ts'
import { positiveInteger, words } from '../arguments.ts'
import type { Answer } from '../exit-codes.ts'
import type { LeaseChange } from '../services.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import { addFilters, filterOf } from './task-filter.ts'
import type { Register } from './types.ts'

interface TakeOptions extends Readonly<Record<string, unknown>> {
  readonly consumer: string
  readonly count: number
  readonly ttl: number
  readonly attempts: number
  readonly againAfter?: number
  readonly json?: boolean
}

interface ChangeOptions {
  readonly ttl?: number
  readonly tasks?: readonly string[]
  readonly json?: boolean
}

export const registerLease: Register = (program, run) => {
  const command = program
    .command('lease')
    .summary('lease tasks that a consumer was never served')
    .description(
      'Leases tasks to a consumer, none twice, repositories by turns; renews, releases and completes leases. `quarry lease --consumer N --count K` is `quarry lease take …`.',
    )
  const take = command
    .command('take', { isDefault: true })
    .description('Gives the next tasks that match. Exit code 3 where there is none left.')
    .requiredOption('--consumer <name>', 'what the training run calls itself', consumerName)
    .option('--count <n>', 'tasks wanted, up to 1000', upTo(1000), 1)
    .option('--ttl <seconds>', 'how long the lease lasts, 60 to 86400', ttl, 3600)
    .option('--attempts <n>', 'rollouts of each task that you have in mind', upTo(1024), 1)
    .option('--again-after <seconds>', 'at last serve again what was completed longer ago', positiveInteger)
  addFilters(take)
  take
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples(
        'quarry lease --consumer fresh --count 8 --language typescript,javascript',
        'quarry lease --consumer fresh --count 64 --solve-rate-max 0.5 --ttl 7200 --json',
      ),
    )
    .action((options: TakeOptions) => run(options, (session) => takeTasks(session, options)))
  change(command, 'renew', 'Keeps a lease for longer.', run).option(
    '--ttl <seconds>',
    'from now on, 60 to 86400; as long as it was made for without it',
    ttl,
  )
  change(command, 'release', 'Gives tasks back: they are as if they had never been served.', run).option(
    '--tasks <ids...>',
    'only these; all that are out without it',
    names,
  )
  change(command, 'complete', 'Marks tasks as served: the consumer is not given them again.', run).option(
    '--tasks <ids...>',
    'only these; all that are out without it',
    names,
  )
}

function change(parent: Command, how: LeaseChange['how'], description: string, run: Parameters<Register>[1]): Command {
  return parent
    .command(how)
    .description(description)
    .argument('<id>', 'the lease, as `quarry lease` showed it')
    .option(...jsonOption)
    .addHelpText('after', examples(`quarry lease ${how} 0b9e1c1a-5d0e-4a51-9b2f-0e4f2a6c7d11`))
    .action((id: string, options: ChangeOptions) =>
      run(options, async (session) => {
        const asked = { how, ttlSeconds: options.ttl ?? null, tasks: options.tasks ?? [] }
        show(session, await session.services.changeLease(id, asked))
        return 'done'
      }),
    )
}

async function takeTasks(session: Session, options: TakeOptions): Promise<Answer> {
  const lease = await session.services.lease({
    ...{ consumer: options.consumer, count: options.count, ttlSeconds: options.ttl, attempts: options.attempts },
    ...{ filter: filterOf(options), againAfterSeconds: options.againAfter ?? null },
  })
  show(session, lease)
  if (lease.tasks.length > 0) return 'done'
  session.progress.doing(`no task matches that ${options.consumer} was not served before`)
  return 'no'
}

function show({ output, progress }: Session, lease: LeaseJson): void {
  output.object(lease)
  progress.doing(`lease ${lease.lease} (${lease.state}) until ${lease.expires_at}`)
  output.table(
    ['task', 'title', 'language', 'in this lease', 'task itself'],
    lease.tasks.map((task) => [task.task, task.title ?? '', task.language ?? '', task.lease_state, task.state ?? '']),
  )
}

function consumerName(value: string): string {
  if (value === '' || value.length > 200) throw new InvalidArgumentError('It must be 1 to 200 characters.')
  return value
}

/** Given one after another, or with commas between. */
const names = (value: string, before: readonly string[] = []) => [...before, ...words(value)]

const upTo = (most: number) => (value: string) => {
  const number = positiveInteger(value)
  if (number > most) throw new InvalidArgumentError(`It must be at most ${most}.`)
  return number
}

function ttl(value: string): number {
  const seconds = positiveInteger(value)
  if (seconds < 60 || seconds > 86_400) throw new InvalidArgumentError('It must be 60 to 86400 seconds.')
  return seconds
}
