import { type Command, InvalidArgumentError } from 'commander'
import { sorts, type TaskFilter, taskFields, taskFilterSchema } from '../../../query/filter.ts'
import { problemsOf, RefusedQuery, readQuery } from '../../../query/refused.ts'
import { date, positiveInteger, words } from '../arguments.ts'
import type { TaskSelection } from '../services.ts'

/** As commander gives them: the names in camel case. */
export type TaskFilterOptions = Readonly<Record<string, unknown>>

const optionOf = (name: string) => `--${name.replaceAll('_', '-')}`

/** The API's filters, as options of the same names. What they hold is judged where the API's are. */
export function addFilters(command: Command): Command {
  for (const [name, schema] of Object.entries(taskFilterSchema.shape)) {
    const { description = '', example } = schema.meta() ?? {}
    if (Array.isArray(example))
      command.option(`${optionOf(name)} <names>`, `${description}, e.g. ${example}`, namesOf(name))
    else command.option(`${optionOf(name)} <value>`, description, oneValue(name))
  }
  return command
}

/** The same, and what a query has beside its filters. */
export function addTaskFilter(command: Command): Command {
  return addFilters(command)
    .option('--since <date>', 'the same as --merged-after', date)
    .option('--until <date>', 'the same as --merged-before', date)
    .option(
      '--without <flags>',
      'the same as --without-flag, e.g. missing-before,diff-unverified',
      namesOf('without_flag'),
    )
    .option('--sort <sort>', `one of ${sorts.join(', ')}`, oneValue('sort'))
    .option(
      '--as-of <sequence|time>',
      'as the tasks stood then: the same query gives the same tasks for ever',
      oneValue('as_of'),
    )
    .option('--limit <n>', 'at most so many', positiveInteger)
}

/** `--fields`, for what lists tasks. */
export function addFields(command: Command): Command {
  return command.option(
    '--fields <names>',
    `with --json only these keys, of ${taskFields.join(', ')}`,
    namesOf('fields'),
  )
}

/** Given several times, or with commas between. */
function namesOf(name: string) {
  return (value: string, before: readonly string[] = []) => judged(name, [...before, ...words(value)])
}

export function oneValue(name: string) {
  return (value: string) => judged(name, value)
}

/** As it is, where a query takes it. */
function judged<T>(name: string, value: T): T {
  try {
    readQuery({ [name]: value })
    return value
  } catch (error) {
    if (!(error instanceof RefusedQuery)) throw error
    throw new InvalidArgumentError(error.problems.map(({ problem, mend }) => `It ${problem}: ${mend}.`).join(' '))
  }
}

const filterNames = Object.keys(taskFilterSchema.shape)
const named = [...filterNames, 'sort', 'as_of', 'ended_since', 'fields']

/** Those of `names` that were given. */
function given(options: TaskFilterOptions, names: readonly string[]): Record<string, unknown> {
  const values = names.map((name) => [
    name,
    options[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())],
  ])
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

/** What `addFilters` was given. Throws `RefusedQuery`, which is wrong usage. */
export function filterOf(options: TaskFilterOptions): TaskFilter {
  const read = taskFilterSchema.safeParse(given(options, filterNames))
  if (!read.success) throw new RefusedQuery(problemsOf(read.error, filterNames))
  return read.data
}

/** Throws `RefusedQuery`, which is wrong usage. */
export function taskSelectionOf(options: TaskFilterOptions): TaskSelection {
  const others = { merged_after: options.since, merged_before: options.until, without_flag: options.without }
  const asked = Object.entries({ ...others, ...given(options, named) }).filter(([, value]) => value !== undefined)
  return {
    query: readQuery(Object.fromEntries(asked)),
    limit: typeof options.limit === 'number' ? options.limit : null,
  }
}
