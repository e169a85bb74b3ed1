import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { messageOf, UserError } from '../../../errors.ts'
import type { Answer } from '../exit-codes.ts'
import { printGrade } from '../grade-text.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

export const registerGrade: Register = (program, run) => {
  program
    .command('grade')
    .summary('grade a candidate patch')
    .description(
      'Runs the tests on the snapshot with the patch. Exit code 3 where it does not resolve the task, 1 for a fault.',
    )
    .argument('<id>', "the task's name, e.g. acme__shop-123")
    .requiredOption('--patch <file>', 'the patch, as `git diff` writes it; - reads standard input')
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples(
        'quarry grade acme__shop-123 --patch fix.patch',
        'git diff | quarry grade acme__shop-123 --patch - --json',
      ),
    )
    .action((id: string, options: { patch: string; json?: boolean }) =>
      run(options, (session) => gradePatch(session, id, options.patch)),
    )
}

async function gradePatch({ output, services, signal }: Session, id: string, file: string): Promise<Answer> {
  const grade = await services.grade(id, await readPatch(file), signal)
  output.object(grade)
  printGrade(output, grade)
  if (grade.verdict === 'fault') return 'fault'
  return grade.verdict === 'resolved' ? 'done' : 'no'
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
