import type { GitHubCost } from '../../github/index.ts'
import type { Forecast } from '../../pipeline/forecast.ts'
import type { RepositoryForecast } from '../../pipeline/github/forecasts.ts'
import type { Output } from './output.ts'

/** What each repository's backfill would be like, and all together; `cost`: what it took to tell. */
export function printForecasts(output: Output, lines: readonly RepositoryForecast[], cost: GitHubCost): void {
  const read = lines.flatMap(({ forecast }) => (forecast === null ? [] : [forecast]))
  const sum = (of: (one: (typeof read)[number]) => number) => read.reduce((total, one) => total + of(one), 0)
  const summary = {
    repositories: lines.length,
    pulls: sum(({ pulls }) => pulls),
    within: sum(({ within }) => within),
    candidates: sum(({ candidates }) => candidates),
    likely_tasks: sum(({ forecast }) => forecast.likely_tasks),
    disk: sum(({ forecast }) => forecast.disk.total),
    requests: sum(({ requests }) => requests.rest + requests.graphql),
    points: sum(({ requests }) => requests.points),
    seconds: sum(({ forecast, requests }) => forecast.seconds + requests.seconds),
  }
  output.object({ summary, cost, stored: 'mirrors' })
  output.table(
    ['repository', 'pulls', 'in bounds', 'candidates', 'likely tasks', 'MiB', 'requests', 'minutes', 'by'],
    [...lines.map(rowOf), cellsOf('all', summary, '')],
  )
  output.text(
    '',
    'MiB are what stays: mirror, packed layers, rows. Minutes are those of this machine. By: whose mining the figures come from.',
    `Nothing was stored but mirrors. It took ${cost.rest} requests and ${cost.graphql} queries (${cost.points} points).`,
  )
}

interface Figures {
  readonly pulls: number
  readonly within: number
  readonly candidates: number
  readonly likely_tasks: number
  readonly disk: number
  readonly requests: number
  readonly seconds: number
}

function rowOf({ repository, left, forecast }: RepositoryForecast): (string | number | null)[] {
  if (forecast === null) return [repository, ...Array<null>(7).fill(null), left]
  const { pulls, within, candidates, requests, forecast: likely } = forecast
  const figures = { pulls, within, candidates, requests: requests.rest + requests.graphql }
  const { likely_tasks, basis, disk } = likely
  return cellsOf(
    repository,
    { ...figures, likely_tasks, disk: disk.total, seconds: likely.seconds + requests.seconds },
    basis,
  )
}

function cellsOf(name: string, of: Figures, basis: string): (string | number)[] {
  const size = Math.ceil(of.disk / 2 ** 20)
  const minutes = Math.ceil(of.seconds / 60)
  return [name, of.pulls, of.within, of.candidates, of.likely_tasks, size, of.requests, minutes, basis]
}

/** The same of one repository that was mined dry. */
export function printForecast(output: Output, { likely_tasks, yield: rate, basis, disk, seconds }: Forecast): void {
  const size = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`
  output.heading('Forecast')
  output.table(
    ['', ''],
    [
      ['likely tasks', likely_tasks],
      ['tasks a candidate', rate.toFixed(2)],
      [
        'disk',
        `${size(disk.total)}: mirror ${size(disk.mirror)}, layers ${size(disk.layers)}, rows ${size(disk.rows)}`,
      ],
      ['layers unpacked besides', `up to ${size(disk.unpacked)}`],
      ['minutes', Math.ceil(seconds / 60)],
      ['by', basis],
    ],
  )
}
