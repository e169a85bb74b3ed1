import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import { addTaskFilter, type TaskFilterOptions, taskSelectionOf } from './task-filter.ts'
import type { Register } from './types.ts'

type Options = TaskFilterOptions & { readonly out: string; readonly json?: boolean }

export const registerExport: Register = (program, run) => {
  const command = program
    .command('export')
    .summary('write tasks in the format of another tool')
    .description(
      'Writes the tasks that match all filters, whole or not at all. The same tasks give the same bytes. JSON Lines go to a file; ' +
        'harbor and parquet to a folder, or to one archive where the path ends in .tar. A further .gz or .zst compresses.',
    )
    .argument('<format>', 'swebench, multi-swe-bench, nemo-gym, harbor, parquet, or jsonl (everything)')
    .requiredOption('--out <path>', 'where to write')
  addTaskFilter(command)
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples(
        'quarry export swebench --out tasks.jsonl --repository acme/shop',
        'quarry export harbor --out tasks --without missing-before',
        'quarry export parquet --out dataset.tar.zst --as-of 1200',
      ),
    )
    .action((format: string, options: Options) =>
      run(options, async ({ output, services }) => {
        const written = await services.exportTasks(format, options.out, taskSelectionOf(options))
        output.object(written)
        output.text(`${written.tasks} tasks written to ${written.out}`)
        return written.tasks > 0 ? 'done' : 'no'
      }),
    )
}
