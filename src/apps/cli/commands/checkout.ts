import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

export const registerCheckout: Register = (program, run) => {
  program
    .command('checkout')
    .summary('the snapshot as an agent gets it')
    .description('Lays the snapshot out as a git work tree with one root commit.')
    .argument('<id>', "the task's name, e.g. acme__shop-123")
    .argument('<directory>', 'a folder that does not exist yet, or is empty')
    .option(...jsonOption)
    .addHelpText('after', examples('quarry checkout acme__shop-123 work/shop'))
    .action((id: string, directory: string, options: { json?: boolean }) =>
      run(options, async ({ output, services }) => {
        const done = await services.checkout(id, directory)
        output.object(done)
        output.text(`${done.task} is in ${done.directory}: ${done.files} files, commit ${done.commit}`)
        return 'done'
      }),
    )
}
