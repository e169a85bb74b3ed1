import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { messageOf, UserError } from '../../../errors.ts'
import type { Answer } from '../exit-codes.ts'
import { printGrade } from '../grade-text.ts'
import type { PredictionLine, PredictionProblemLine } from '../lines.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface Options {
  readonly patch?: string
  readonly predictions?: string
  readonly out?: string
  readonly json?: boolean
}

export const registerGrade: Register = (program, run) => {
  program
    .command('grade')
    .summary('grade a candidate patch, or a file of predictions')
    .description(
      'Runs the tests on the snapshot with the patch. Exit code 3 where it does not resolve the task, 1 for a fault. ' +
        "Or grades SWE-bench's predictions (JSON Lines of instance_id, model_name_or_path and model_patch; in a .json file a list, or an " +
        'object by instance) side by side, and writes the reports of its harness: the summary, and one for each instance below ' +
        'logs/run_evaluation beside it. Run again, it grades what is not graded yet. Exit code 1 for a fault, 2 where lines were ' +
        'passed over or tasks are unknown.',
    )
    .argument('[id]', "the task's name, e.g. acme__shop-123")
    .option('--patch <file>', 'the patch, as `git diff` writes it; - reads standard input')
    .option('--predictions <file>', "SWE-bench's predictions")
    .option('--out <report>', 'with --predictions, where the summary goes; MODEL.quarry.json by default')
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples(
        'quarry grade acme__shop-123 --patch fix.patch',
        'git diff | quarry grade acme__shop-123 --patch - --json',
        'quarry grade --predictions predictions.jsonl --out reports/model.json',
      ),
    )
    .action((id: string | undefined, options: Options) => run(options, (session) => gradeWhat(session, id, options)))
}

function gradeWhat(session: Session, id: string | undefined, { patch, predictions, out }: Options): Promise<Answer> {
  if (id !== undefined && patch !== undefined && predictions === undefined && out === undefined)
    return gradePatch(session, id, patch)
  if (id === undefined && patch === undefined && predictions !== undefined)
    return gradePredictions(session, predictions, out ?? null)
  throw new UserError('what is to be graded is not clear', {
    mend: 'quarry grade ID --patch FILE, or quarry grade --predictions FILE [--out REPORT]; see --help',
  })
}

async function gradePatch({ output, services, signal }: Session, id: string, file: string): Promise<Answer> {
  const grade = await services.grade(id, await readPatch(file), signal)
  output.object(grade)
  printGrade(output, grade)
  if (grade.verdict === 'fault') return 'fault'
  return grade.verdict === 'resolved' ? 'done' : 'no'
}

async function gradePredictions(session: Session, file: string, out: string | null): Promise<Answer> {
  const { output, progress, services, signal } = session
  const decided = (line: PredictionLine | PredictionProblemLine) => {
    output.object(line)
    if ('verdict' in line) progress.step(textOf(line))
    else progress.doing(`line ${line.line}: ${line.problem}`)
  }
  const summary = await services.gradePredictions({ file, out }, { decided, progress, signal })
  progress.end()
  output.object({ summary })
  output.text(
    `${summary.predictions} predictions: ${summary.resolved} resolved, ${summary.unresolved} not, ${summary.empty} empty, ` +
      `${summary.faults} faults, ${summary.unknown} for unknown tasks; ${summary.bad_lines} lines passed over`,
    `report: ${summary.report}`,
  )
  if (summary.faults > 0) return 'fault'
  return summary.unknown + summary.bad_lines > 0 ? 'usage' : 'done'
}

function textOf({ task, verdict, before, empty }: PredictionLine): string {
  return `${task} ${empty ? 'has no patch' : verdict}${before ? ', graded before' : ''}`
}

async function readPatch(file: string): Promise<Buffer> {
  if (file === '-') return await buffer(process.stdin)
  try {
    return await readFile(file)
  } catch (cause) {
    throw new UserError(`the patch can't be read: ${messageOf(cause)}`, {
      mend: 'name a file, or - for standard input',
      cause,
    })
  }
}
