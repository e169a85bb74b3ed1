import type { ListedTask } from '../../../query/listed.ts'
import type { Answer } from '../exit-codes.ts'
import type { TaskSelection } from '../services.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import { addFields, addTaskFilter, oneValue, type TaskFilterOptions, taskSelectionOf } from './task-filter.ts'
import type { Register } from './types.ts'

export const registerTasks: Register = (program, run) => {
  const command = program.command('tasks').summary('list tasks').description('Lists the tasks that match all filters.')
  addFields(addTaskFilter(command))
    .option(
      '--ended-since <sequence|time>',
      'instead, those that were retired or quarantined since, with the reason',
      oneValue('ended_since'),
    )
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples(
        'quarry tasks --repository acme/shop',
        'quarry tasks --language typescript,javascript --difficulty-min 2 --solve-rate-max 0.5 --sort -merged',
        'quarry tasks --since 2024-01-01 --without missing-before --json --fields task,flags',
        'quarry tasks --ended-since 1200 --json',
      ),
    )
    .action((options: TaskFilterOptions & { json?: boolean }) =>
      run(options, (session) => listTasks(session, taskSelectionOf(options))),
    )
}

async function listTasks({ output, services }: Session, asked: TaskSelection): Promise<Answer> {
  const tasks: ListedTask[] = []
  const { fields: _fields, ...query } = asked.query
  for await (const task of services.tasks(output.json ? asked : { ...asked, query })) {
    output.object(task)
    if (!output.json) tasks.push(task)
  }
  const ended = asked.query.ended_since !== undefined
  output.table(
    [
      'task',
      'title',
      'language',
      'tested with',
      'difficulty',
      'fail to pass',
      'pass to pass',
      'flags',
      ...(ended ? ['ended'] : []),
    ],
    tasks.map((task) => [
      task.task ?? null,
      (task.erased_at ?? null) === null ? (task.title ?? null) : '(erased)',
      task.language ?? null,
      task.frameworks?.join(' ') ?? null,
      task.difficulty ?? null,
      task.fail_to_pass ?? null,
      task.pass_to_pass ?? null,
      task.flags?.join(' ') ?? null,
      ...(ended ? [`${task.state}: ${task.ended?.reason ?? ''}`] : []),
    ]),
  )
  return 'done'
}
