import type { TaskQuery } from '../../src/query/filter.ts'
import type { Everything } from './random-tasks.ts'

type Row = Everything['rows'][number]

/** What a query means, said as plainly as can be: the ids in order, out of all tasks and all that happened to them. */
export function naiveIds(all: Everything, query: TaskQuery, asOf: number, owners: readonly string[] | null): number[] {
  const found = all.rows.filter(
    (row) =>
      (owners === null || owners.includes(row.owner)) &&
      (query.ended_since === undefined ? stood(all, row, asOf) : endedSince(all, row, Number(query.ended_since))) &&
      matches(all, row, query),
  )
  return found.sort((a, b) => compare(all, query, a, b)).map(({ id }) => id)
}

/** Its last event by then brought it, and no newer revision was there. */
function stood({ rows, events }: Everything, row: Row, asOf: number): boolean {
  const last = events.findLast((event) => event.taskId === row.id && event.sequence <= asOf)
  const isReplaced = rows.some(
    ({ name, revision, sequence }) => name === row.name && revision > row.revision && sequence <= asOf,
  )
  return last?.event === 'published' && !isReplaced
}

function endedSince({ events }: Everything, row: Row, since: number): boolean {
  const last = events.findLast((event) => event.taskId === row.id)
  return last !== undefined && last.event !== 'published' && last.sequence > since
}

const rateOf = ({ rates }: Everything, { id }: Row, model = '') =>
  rates.find((rate) => rate.taskId === id && rate.model === model)

function matches(all: Everything, row: Row, query: TaskQuery): boolean {
  const among = (asked: readonly string[] | undefined, value: string | null) =>
    asked?.some((name) => name.toLowerCase() === value?.toLowerCase()) ?? true
  const between = (min: number | undefined, value: number, max: number | undefined) =>
    value >= (min ?? value) && value <= (max ?? value)
  const during = (from: Date | undefined, value: Date, until: Date | undefined) =>
    (from === undefined || value >= from) && (until === undefined || value < until)
  const signal = rateOf(all, row)?.signal ?? null
  const flags: readonly string[] = [...row.flags, ...(signal === null ? [] : [signal])]
  const text = JSON.stringify(row.statement)
  const excluded = query.exclude?.some((name) => name === row.name || name === `${row.name}@${row.revision}`) ?? false
  const notRepository = query.exclude_repository?.some((name) => name.toLowerCase() === row.repository.toLowerCase())
  return (
    among(query.repository, row.repository) &&
    among(query.owner, row.owner) &&
    among(query.language, row.language) &&
    among(query.miner, row.miner) &&
    among(query.ecosystem, row.ecosystem) &&
    among(query.licence, row.licence) &&
    (query.framework?.some((name) => row.frameworks.includes(name)) ?? true) &&
    during(query.merged_after, row.mergedAt, query.merged_before) &&
    during(query.vetted_after, row.publishedAt, query.vetted_before) &&
    during(query.cutoff, row.earliestAt, undefined) &&
    between(query.fail_to_pass_min, row.failToPassCount, query.fail_to_pass_max) &&
    between(query.files_min, row.filesChanged, query.files_max) &&
    between(query.lines_min, row.linesChanged, query.lines_max) &&
    between(query.difficulty_min, row.difficulty, query.difficulty_max) &&
    (query.flag?.every((flag) => flags.includes(flag)) ?? true) &&
    !(query.without_flag?.some((flag) => flags.includes(flag)) ?? false) &&
    (query.text === undefined || holdsWords(text, query.text)) &&
    !excluded &&
    !notRepository &&
    wasTried(all, row, query)
  )
}

/** Words, `or` between two, `-` before one. */
function holdsWords(text: string, asked: string): boolean {
  if (asked.includes(' or ')) return asked.split(' or ').some((word) => text.includes(word))
  return asked.split(' ').every((word) => (word.startsWith('-') ? !text.includes(word.slice(1)) : text.includes(word)))
}

function wasTried(all: Everything, row: Row, query: TaskQuery): boolean {
  const { solve_rate_min: min, solve_rate_max: max, attempts_min: attempts } = query
  const rate = rateOf(all, row, query.model)
  if ((min !== undefined || max !== undefined) && (rate?.rate ?? null) === null) return false
  const value = rate?.rate ?? 0
  return value >= (min ?? 0) && value <= (max ?? 1) && (rate?.attempts ?? 0) >= (attempts ?? 0)
}

function compare(all: Everything, { sort, model }: TaskQuery, a: Row, b: Row): number {
  const sign = sort.startsWith('-') || sort === 'newest' ? -1 : 1
  const rates = [rateOf(all, a, model)?.rate ?? null, rateOf(all, b, model)?.rate ?? null] as const
  if (sort.endsWith('merged')) return sign * (a.mergedAt.getTime() - b.mergedAt.getTime() || a.sequence - b.sequence)
  if (sort.endsWith('lines')) return sign * (a.linesChanged - b.linesChanged || a.sequence - b.sequence)
  if (sort.endsWith('difficulty')) return sign * (a.difficulty - b.difficulty || a.sequence - b.sequence)
  if (!sort.endsWith('solve_rate')) return sign * (a.sequence - b.sequence)
  if (rates[0] === null || rates[1] === null)
    return Number(rates[0] === null) - Number(rates[1] === null) || a.sequence - b.sequence
  return sign * (rates[0] - rates[1] || a.id - b.id)
}
