import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import { addTaskFilter, type TaskFilterOptions, taskSelectionOf } from './task-filter.ts'
import type { Register } from './types.ts'

type Options = TaskFilterOptions & { readonly out: string; readonly json?: boolean }

export const registerExport: Register = (program, run) => {
  const command = program
    .command('export')
    .summary('write tasks in the format of another tool')
    .description('Writes the tasks that match all filters. Formats: swebench (JSON Lines).')
    .argument('<format>', 'swebench')
    .requiredOption('--out <path>', 'where to write')
  addTaskFilter(command)
    .option(...jsonOption)
    .addHelpText('after', examples('quarry export swebench --out tasks.jsonl --repository acme/shop'))
    .action((format: string, options: Options) =>
      run(options, async ({ output, services }) => {
        const written = await services.exportTasks(format, options.out, taskSelectionOf(options))
        output.object(written)
        output.text(`${written.tasks} tasks written to ${written.out}`)
        return written.tasks > 0 ? 'done' : 'no'
      }),
    )
}
