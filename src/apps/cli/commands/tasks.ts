import type { Answer } from '../exit-codes.ts'
import type { TaskLine } from '../lines.ts'
import type { TaskFilter } from '../services.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import { addTaskFilter, type TaskFilterOptions, taskFilterOf } from './task-filter.ts'
import type { Register } from './types.ts'

export const registerTasks: Register = (program, run) => {
  addTaskFilter(program.command('tasks').summary('list tasks').description('Lists the tasks that match all filters.'))
    .option('--ended-since <sequence|time>', 'instead, those that were retired or quarantined since, with the reason')
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples(
        'quarry tasks --repository acme/shop',
        'quarry tasks --since 2024-01-01 --without missing-before --json',
        'quarry tasks --ended-since 1200 --json',
      ),
    )
    .action((options: TaskFilterOptions & { json?: boolean }) =>
      run(options, (session) => listTasks(session, taskFilterOf(options))),
    )
}

async function listTasks({ output, services }: Session, filter: TaskFilter): Promise<Answer> {
  const tasks: TaskLine[] = []
  for await (const task of services.tasks(filter)) {
    output.object(task)
    if (!output.json) tasks.push(task)
  }
  output.table(
    [
      'task',
      'title',
      'language',
      'tested with',
      'fail to pass',
      'pass to pass',
      'flags',
      ...(filter.endedSince === null ? [] : ['ended']),
    ],
    tasks.map((task) => [
      task.task,
      task.erased_at === null ? task.title : '(erased)',
      task.language,
      task.frameworks.join(' '),
      task.fail_to_pass,
      task.pass_to_pass,
      task.flags.join(' '),
      ...(filter.endedSince === null ? [] : [`${task.state}: ${task.ended?.reason ?? ''}`]),
    ]),
  )
  return 'done'
}
