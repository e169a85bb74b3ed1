import { Option } from 'commander'
import { reasonSchema } from '../../../model/index.ts'
import { ownerAndName, positiveInteger } from '../arguments.ts'
import type { Answer } from '../exit-codes.ts'
import type { CandidateLine } from '../lines.ts'
import type { CandidateFilter } from '../services.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface Options {
  readonly repository?: string
  readonly state?: string
  readonly reason?: string
  readonly limit?: number
  readonly json?: boolean
}

export const registerCandidates: Register = (program, run) => {
  program
    .command('candidates')
    .summary('the ledger: every candidate, and why it was refused')
    .description(
      'Lists every merged pull that a miner looked at, its state, and the reason of a refusal with its evidence.',
    )
    .option('--repository <owner/name>', 'of this repository', ownerAndName)
    .addOption(new Option('--state <state>', 'in this state').choices(['proposed', 'vetted', 'refused', 'fault']))
    .addOption(new Option('--reason <reason>', 'refused for this reason').choices(reasonSchema.options))
    .option('--limit <n>', 'at most so many, newest first', positiveInteger)
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples('quarry candidates --state refused', 'quarry candidates --reason install-failed --json'),
    )
    .action((options: Options) => run(options, (session) => listCandidates(session, filterOf(options))))
}

function filterOf(options: Options): CandidateFilter {
  return {
    repository: options.repository ?? null,
    state: options.state ?? null,
    reason: options.reason ?? null,
    limit: options.limit ?? null,
  }
}

async function listCandidates({ output, services }: Session, filter: CandidateFilter): Promise<Answer> {
  const candidates: CandidateLine[] = []
  for await (const candidate of services.candidates(filter)) {
    output.object(candidate)
    if (!output.json) candidates.push(candidate)
  }
  output.table(
    ['pull', 'title', 'state', 'stage', 'reason', 'evidence'],
    candidates.map((candidate) => [
      `${candidate.repository}#${candidate.pull}`,
      shorten(candidate.title, 48),
      candidate.state,
      candidate.stage,
      candidate.reason,
      shorten(JSON.stringify(candidate.evidence), 72),
    ]),
  )
  return 'done'
}

/** Whole in `--json`; a table stays readable. */
function shorten(text: string, length: number): string {
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}
