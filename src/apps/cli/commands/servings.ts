import { date, positiveInteger } from '../arguments.ts'
import type { Answer } from '../exit-codes.ts'
import type { ServingLine } from '../lines.ts'
import type { AskedServings } from '../services.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface Options {
  readonly token?: string
  readonly task?: string
  readonly since?: Date
  readonly limit?: number
  readonly json?: boolean
}

export const registerServings: Register = (program, run) => {
  program
    .command('servings')
    .summary('the audit trail: which token was served what')
    .description('Lists each request to the API that was served tasks or parts of them, newest first.')
    .option('--token <name>', 'with this token')
    .option('--task <id>', 'of this task alone; lists are told by their query, without their tasks')
    .option('--since <date>', 'then or later', date)
    .option('--limit <n>', 'at most so many', positiveInteger)
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples('quarry servings --token trainer --since 2026-01-31', 'quarry servings --task acme__shop-123 --json'),
    )
    .action(({ token, task, since, limit, ...options }: Options) =>
      run(options, (session) =>
        listServings(session, { token: token ?? null, task: task ?? null, since: since ?? null, limit: limit ?? null }),
      ),
    )
}

async function listServings({ output, services }: Session, asked: AskedServings): Promise<Answer> {
  const lines: ServingLine[] = []
  for await (const line of services.servings(asked)) {
    output.object(line)
    if (!output.json) lines.push(line)
  }
  output.table(
    ['at', 'token', 'served', 'task', 'tasks', 'detail'],
    lines.map((line) => [line.at, line.token, line.what, line.task, line.tasks, JSON.stringify(line.detail)]),
  )
  return 'done'
}
