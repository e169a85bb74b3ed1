import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

export const registerValidate: Register = (program, run) => {
  program
    .command('validate')
    .summary('run the validation again on tasks already stored')
    .description('Runs the states of each task again and compares. Exit code 3 where one is no longer valid.')
    .argument('<ids...>', 'names of tasks')
    .option(...jsonOption)
    .addHelpText('after', examples('quarry validate acme__shop-123 acme__shop-130'))
    .action((ids: string[], options: { json?: boolean }) =>
      run(options, async ({ output, progress, services, signal }) => {
        let valid = true
        progress.total(ids.length)
        for await (const line of services.validate(ids, signal)) {
          valid &&= line.valid
          const verdict = line.valid ? 'valid' : `no longer valid: ${line.reason ?? 'its lists differ'}`
          progress.step(`${line.task} ${verdict}`)
          output.object(line)
          output.text(`${line.task}: ${verdict}`)
        }
        return valid ? 'done' : 'no'
      }),
    )
}
