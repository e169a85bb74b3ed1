import type { TaskQueryInput } from '../src/query/filter.ts'

/** What callers ask, and how often: the mix that `bench -- query` states. `owners` null is a token for all. */
export interface Asked {
  readonly name: string
  readonly weight: number
  readonly owners: readonly string[] | null
  readonly query: TaskQueryInput
}

const some = ['owner-3', 'owner-17', 'owner-40', 'owner-41', 'owner-77']

export const mixOf = (tasks: number): readonly Asked[] => [
  { name: 'newest of all', weight: 10, owners: null, query: {} },
  { name: 'a language', weight: 12, owners: null, query: { language: 'typescript' } },
  { name: 'a language, some owners', weight: 10, owners: some, query: { language: 'typescript' } },
  {
    name: 'language, framework, no flag',
    weight: 12,
    owners: null,
    query: { language: ['typescript', 'javascript'], framework: ['vitest', 'jest'], without_flag: 'diff-unverified' },
  },
  {
    name: 'of middling difficulty, after a cutoff',
    weight: 12,
    owners: null,
    query: { difficulty_min: 2, difficulty_max: 4, cutoff: '2025-06-01', sort: '-merged' },
  },
  {
    name: 'permissive, small, few tests',
    weight: 8,
    owners: null,
    query: { licence: ['MIT', 'Apache-2.0', 'ISC'], lines_max: 60, files_max: 3, fail_to_pass_max: 10 },
  },
  { name: 'a repository', weight: 8, owners: null, query: { repository: 'owner-3/project-3' } },
  {
    name: 'solved now and then',
    weight: 8,
    owners: null,
    query: { solve_rate_min: 0.1, solve_rate_max: 0.7, attempts_min: 4, language: 'python' },
  },
  {
    name: 'as of a sequence',
    weight: 6,
    owners: null,
    query: { as_of: Math.ceil(tasks * 0.7), language: 'python', sort: 'merged' },
  },
  { name: 'by solve rate', weight: 4, owners: null, query: { sort: 'solve_rate', attempts_min: 2 } },
  { name: 'words', weight: 4, owners: null, query: { text: 'w0300 w0042' } },
  { name: 'rare words, some owners', weight: 3, owners: some, query: { text: 'w4711' } },
  {
    name: 'merged in a month, rare language',
    weight: 3,
    owners: null,
    query: { language: 'scala', merged_after: '2025-03-01', merged_before: '2025-04-01' },
  },
]

/** One of the mix, by weight; `dice` from 0 to 1. */
export function drawn(mix: readonly Asked[], dice: number): Asked {
  let left = dice * mix.reduce((sum, { weight }) => sum + weight, 0)
  const chosen = mix.find(({ weight }) => {
    left -= weight
    return left < 0
  })
  if (chosen === undefined) throw new Error('the mix is empty')
  return chosen
}

/** Any combination of filters: each facet by lot, with values that are common, rare, or exclude each other. */
export function anyCombination(tasks: number, random: () => number): Omit<Asked, 'weight'> {
  const upTo = (most: number) => Math.floor(random() * most)
  const one = <T>(of: readonly T[]) => of[upTo(of.length)] as T
  const day = () => new Date(Date.UTC(2018 + upTo(9), upTo(12), 1 + upTo(28))).toISOString()
  const asOf = random() < 0.15
  const word = () => `w${String(Math.floor(8000 * random() ** 3)).padStart(4, '0')}`
  const range = (name: string, mostly: number): TaskQueryInput => {
    const at = Math.floor(Math.exp(random() * Math.log(mostly)))
    return one([{ [`${name}_min`]: at }, { [`${name}_max`]: at }, { [`${name}_min`]: at, [`${name}_max`]: at * 2 }])
  }
  const filters: readonly (() => TaskQueryInput)[] = [
    () => ({ language: one(['typescript', 'python', 'scala', 'rust', 'none']) }),
    () => ({ framework: one(['vitest', 'pytest', 'cargo', 'ava']) }),
    () => ({ licence: one(['MIT', 'ISC', 'MPL-2.0']) }),
    () => ({ miner: one(['linked-pull', 'at-head']) }),
    () => ({ flag: one(['missing-before', 'statement-after-pull']) }),
    () => ({ without_flag: one(['missing-before', 'diff-unverified']) }),
    () => ({ merged_after: day() }),
    () => ({ merged_before: day() }),
    () => ({ vetted_after: day() }),
    () => ({ vetted_before: day() }),
    () => ({ cutoff: day() }),
    () => range('lines', 3000),
    () => range('files', 40),
    () => range('fail_to_pass', 60),
    () => one<TaskQueryInput>([{ difficulty_max: 1 + upTo(5) }, { difficulty_min: 1 + upTo(5) }]),
    () => ({ text: one([word(), `${word()} ${word()}`, `${word()} or ${word()}`, `${word()} -${word()}`]) }),
    () => ({ owner: `owner-${upTo(400)}` }),
    () => ({ repository: `owner-${upTo(50)}/project-${upTo(4000)}` }),
    () => ({ exclude_repository: ['owner-1/project-1', 'owner-2/project-9'] }),
    ...(asOf
      ? [() => ({ as_of: 1 + upTo(tasks) })]
      : [
          () =>
            one<TaskQueryInput>([
              { solve_rate_min: random() },
              { solve_rate_max: random() },
              { attempts_min: upTo(60) },
            ]),
          () => ({ model: 'model-large', solve_rate_min: random() }),
          () => one<TaskQueryInput>([{ flag: 'never-solved' }, { without_flag: 'never-solved' }]),
        ]),
  ]
  const sorts = ['newest', 'oldest', 'merged', '-merged', 'lines', '-lines', 'difficulty', '-difficulty'] as const
  const sort = asOf ? one(sorts) : one([...sorts, 'solve_rate', '-solve_rate'] as const)
  const given = filters.filter(() => random() < 0.2).map((filter) => filter())
  const query: TaskQueryInput = Object.assign({ sort }, ...given)
  return { name: JSON.stringify(query), owners: one([null, null, some, [`owner-${upTo(400)}`]]), query }
}
