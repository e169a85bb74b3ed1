import { isUtf8 } from 'node:buffer'
import { Option } from 'commander'
import type { Answer } from '../exit-codes.ts'
import type { Session } from '../session.ts'
import { printTask } from '../task-text.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

type Part = 'fix' | 'test' | 'full'

export const registerTask: Register = (program, run) => {
  program
    .command('task')
    .summary('show one task, whole')
    .description('Shows the statement, the tests and the environment of one task, or one of its patches.')
    .argument('<id>', "the task's name, e.g. acme__shop-123")
    .addOption(new Option('--patch <part>', 'only this patch, ready for `git apply`').choices(['fix', 'test', 'full']))
    .option(...jsonOption)
    .addHelpText('after', examples('quarry task acme__shop-123', 'quarry task acme__shop-123 --patch fix > fix.patch'))
    .action((id: string, options: { patch?: Part; json?: boolean }) =>
      run(options, (session) => showTask(session, id, options.patch ?? null)),
    )
}

async function showTask({ output, services }: Session, id: string, part: Part | null): Promise<Answer> {
  if (part === null) {
    const task = await services.task(id)
    output.object(task)
    printTask(output, task)
    return 'done'
  }
  const { task, patch } = await services.patch(id, part)
  output.object({ task, ...inJson(patch) })
  output.bytes(patch)
  return 'done'
}

/** A patch holds its files' own bytes, which JSON can carry only where they are UTF-8. */
function inJson(patch: Buffer): { patch: string } | { patch_base64: string } {
  return isUtf8(patch) ? { patch: patch.toString() } : { patch_base64: patch.toString('base64') }
}
