import { availableParallelism } from 'node:os'
import { reasonsByStage } from '../../../model/index.ts'
import { date, ownerAndName, positiveInteger, pullNumbers } from '../arguments.ts'
import type { Answer } from '../exit-codes.ts'
import { printForecast } from '../forecast-text.ts'
import { printFunnel } from '../funnel.ts'
import type { DecidedLine } from '../lines.ts'
import type { MineRequest } from '../services.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface Options {
  readonly name?: string
  readonly pulls?: string
  readonly only?: number[]
  readonly since?: Date
  readonly until?: Date
  readonly limit?: number
  readonly miner: string
  readonly runs?: number
  readonly repeats?: number
  readonly concurrency: number
  readonly dryRun?: boolean
  readonly json?: boolean
}

export const registerMine: Register = (program, run) => {
  program
    .command('mine')
    .summary('make tasks of the merged pulls of a repository')
    .description(
      'Discovers candidates, builds snapshots and environments, validates and publishes. Run again, it does only what is not done.',
    )
    .argument('<repository>', 'owner/name on GitHub, a git URL, or the path of a clone or bare repository')
    .option('--name <owner/name>', "the repository's name, where `origin` does not tell it", ownerAndName)
    .option('--pulls <file>', 'a pulls file (JSON Lines) in place of the git history')
    .option('--only <numbers>', 'only these pulls, e.g. 12,34', pullNumbers)
    .option('--since <date>', 'only pulls merged then or later', date)
    .option('--until <date>', 'only pulls merged before', date)
    .option('--limit <n>', 'at most so many candidates, newest first', positiveInteger)
    .option('--miner <name>', 'the miner that proposes candidates', 'linked-pull')
    .option('--runs <n>', 'runs of the whole suite in each state', positiveInteger)
    .option('--repeats <n>', 'runs of the FAIL_TO_PASS files alone in each state', positiveInteger)
    .option('--concurrency <n>', 'candidates side by side', positiveInteger, availableParallelism())
    .option('--dry-run', 'stop before any sandbox, and forecast the yield')
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples('quarry mine ../shop', 'quarry mine ../shop.git --pulls pulls.jsonl --only 123 --json'),
    )
    .action((repository: string, options: Options) =>
      run(options, (session) => mine(session, requestOf(repository, options))),
    )
}

function requestOf(repository: string, options: Options): MineRequest {
  return {
    repository,
    name: options.name ?? null,
    pullsFile: options.pulls ?? null,
    only: options.only ?? null,
    since: options.since ?? null,
    until: options.until ?? null,
    limit: options.limit ?? null,
    miner: options.miner,
    runs: options.runs ?? null,
    repeats: options.repeats ?? null,
    concurrency: options.concurrency,
    dryRun: options.dryRun ?? false,
  }
}

/** Mines with progress, and prints what came of it. Exit code 3 where nothing is vetted. */
async function mine(session: Session, request: MineRequest): Promise<Answer> {
  const { output, progress, services, signal } = session
  const decided = (line: DecidedLine): void => {
    progress.step(isEarly(line) ? null : decidedText(line))
    output.object(line)
  }
  const summary = await services.mine(request, { decided, progress, signal })
  progress.end()
  output.object({ summary })
  printFunnel(output, summary)
  if (summary.forecast !== undefined) printForecast(output, summary.forecast)
  return summary.vetted > 0 || request.dryRun ? 'done' : 'no'
}

/** Refused before anything was built: most pulls of most repositories, told by the funnel and the ledger. */
function isEarly({ reason }: DecidedLine): boolean {
  const early: readonly string[] = [...reasonsByStage.intake, ...reasonsByStage.miner]
  return reason !== null && early.includes(reason)
}

function decidedText(line: DecidedLine): string {
  const name = `${line.repository}#${line.pull}`
  if (line.state === 'vetted') return `${name} vetted: ${line.task} (${line.fail_to_pass?.length ?? 0} fail to pass)`
  return `${name} ${line.state}: ${line.reason ?? 'see quarry jobs'}${detailOf(line)}`
}

/** The evidence's own words in one line, where it has any: what was missing, or what failed. */
function detailOf({ evidence }: DecidedLine): string {
  const detail = evidence?.detail
  if (typeof detail !== 'string') return ''
  const [last = ''] = detail.trim().split('\n').slice(-1)
  return `: ${last.slice(0, 200)}`
}
