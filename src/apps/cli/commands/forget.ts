import { createInterface } from 'node:readline/promises'
import { InvalidArgumentError } from 'commander'
import { UserError } from '../../../errors.ts'
import type { Answer } from '../exit-codes.ts'
import type { ForgetPlan } from '../lines.ts'
import type { ForgetRequest } from '../services.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface Options {
  readonly yes?: boolean
  readonly undo?: boolean
  readonly json?: boolean
}

export const registerForget: Register = (program, run) => {
  program
    .command('forget')
    .summary('erase what is held of a repository, or of one pull')
    .description(
      'Shows what will go, asks, then retires the tasks and erases everything but their names. It is not mined again until --undo.',
    )
    .argument('<repository>', 'owner/name, or owner/name#pull', repositoryAndPull)
    .option('--yes', 'do not ask')
    .option('--undo', 'let it be mined again; what was erased does not come back')
    .option(...jsonOption)
    .addHelpText('after', examples('quarry forget acme/shop', 'quarry forget acme/shop#123 --yes --json'))
    .action((request: ForgetRequest, options: Options) =>
      run(options, (session) => (options.undo ? undo(session, request) : forget(session, request, options))),
    )
}

function repositoryAndPull(value: string): ForgetRequest {
  const [, repository, pull] = /^([\w.-]+\/[\w.-]+)(?:#([1-9]\d{0,8}))?$/.exec(value) ?? []
  if (repository === undefined) throw new InvalidArgumentError('It must be owner/name or owner/name#pull.')
  return { repository, pull: pull === undefined ? null : Number(pull) }
}

async function forget(
  { services, output, signal }: Session,
  request: ForgetRequest,
  options: Options,
): Promise<Answer> {
  const done = await services.forget(request, async (plan) => {
    output.text(`${nameOf(plan)}: ${planText(plan)} will go.`)
    return options.yes ?? (await confirmed(plan, signal))
  })
  if (done === null) return 'no'
  output.object(done)
  output.text(
    `${nameOf(done)} is forgotten; ${done.retired} tasks were retired. quarry forget --undo lets it be mined again.`,
  )
  for (const { host, seen_at: seenAt } of done.machines_left)
    output.text(
      `Still to forget it: ${host}, last seen ${seenAt}; it does at its next start, or when its running jobs end.`,
    )
  return 'done'
}

async function undo({ services, output }: Session, request: ForgetRequest): Promise<Answer> {
  const line = await services.unforget(request)
  output.object(line)
  output.text(line.lifted ? `${nameOf(line)} may be mined again.` : `${nameOf(line)} was not forgotten.`)
  return line.lifted ? 'done' : 'no'
}

/** Asks on a terminal. Throws UserError where nobody is there to answer. */
async function confirmed(plan: ForgetPlan, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new UserError(`${nameOf(plan)} would be erased: ${planText(plan)}`, { mend: 'add --yes to erase it' })
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`Erase it for good? Type ${nameOf(plan)}: `, { signal })
    return answer.trim() === nameOf(plan)
  } finally {
    terminal.close()
  }
}

function nameOf({ repository, pull }: { readonly repository: string; readonly pull: number | null }): string {
  return pull === null ? repository : `${repository}#${pull}`
}

function planText({ tasks, candidates, runs, grades, bytes }: ForgetPlan): string {
  const size = (bytes / 2 ** 20).toFixed(1)
  return `${tasks} tasks, ${candidates} candidates, ${runs} runs, ${grades} grades, ${size} MiB`
}
