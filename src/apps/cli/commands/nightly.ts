import type { RepositoryForecast } from '../../../pipeline/github/forecasts.ts'
import type { NightlyReport } from '../../../pipeline/nightly.ts'
import { ownerAndName } from '../arguments.ts'
import type { Answer } from '../exit-codes.ts'
import { printForecasts } from '../forecast-text.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface Options {
  readonly repository?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

export const registerNightly: Register = (program, run) => {
  program
    .command('nightly')
    .summary('what the nightly schedule runs, now')
    .description(
      'Asks GitHub for failed webhooks again, takes in what was missed, goes on with backfills, validates the stalest tasks again, and cleans up.',
    )
    .option('--repository <owner/name>', 'only what was missed of this repository', ownerAndName)
    .option('--dry-run', 'only forecast the backfill of each repository: pulls, candidates, likely tasks, disk')
    .option(...jsonOption)
    .addHelpText('after', examples('quarry nightly', 'quarry nightly --dry-run --repository acme/shop --json'))
    .action((options: Options) =>
      run(options, (session) => (options.dryRun ? forecast(session, options) : nightly(session, options))),
    )
}

async function nightly({ services, output, progress, signal }: Session, options: Options): Promise<Answer> {
  progress.doing('the nightly run')
  const report = await services.nightly(options.repository ?? null, signal)
  output.object(report)
  output.table(['', ''], rowsOf(report))
  for (const { what, why } of report.faults) progress.doing(`${what}: ${why}`)
  return report.faults.length === 0 ? 'done' : 'fault'
}

/** Exit code 1 where a repository could not be read, 3 where there was none to read. */
async function forecast({ services, output, progress, signal }: Session, options: Options): Promise<Answer> {
  const lines: RepositoryForecast[] = []
  const cost = await services.forecast(options.repository ?? null, {
    forecast(line) {
      lines.push(line)
      progress.step(`${line.repository}: ${line.fault ?? line.left ?? `${line.forecast?.candidates} candidates`}`)
      output.object(line)
    },
    signal,
  })
  progress.end()
  printForecasts(output, lines, cost)
  if (lines.some(({ left }) => left === 'fault')) return 'fault'
  return lines.some(({ left }) => left === null) ? 'done' : 'no'
}

function rowsOf(report: NightlyReport): string[][] {
  const { revalidated, cost } = report
  const { github, seconds } = cost
  const rows: [string, number][] = [
    ['webhooks asked for again', report.redelivered],
    ['installations', report.installations],
    ['repositories', report.repositories],
    ['merged pulls new or changed', report.reconciled],
    ['merged pulls listed by backfills', report.backfilled],
    ['authors still to be told', report.feedback],
    ['tasks validated again', revalidated.holds + revalidated.quarantined],
    ['of these quarantined', revalidated.quarantined],
    ['faults', report.faults.length + revalidated.faults],
    ['REST requests', github.rest],
    ['GraphQL queries', github.graphql],
    ['of these points', github.points],
    ['seconds in sandboxes', Math.round(cost.sandbox_seconds)],
    ['MiB freed', Math.round(cost.bytes_freed / 2 ** 20)],
    ...Object.entries(seconds).map(([part, took]): [string, number] => [`seconds: ${part}`, rounded(took)]),
    ['seconds', rounded(report.seconds)],
  ]
  return rows.map(([name, value]) => [name, String(value)])
}

const rounded = (seconds: number) => Math.round(seconds * 10) / 10
