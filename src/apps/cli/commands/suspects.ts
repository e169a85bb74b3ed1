import { ownerAndName, positiveInteger } from '../arguments.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface Options {
  readonly minPatches: number
  readonly repository?: string
  readonly limit: number
  readonly json?: boolean
}

export const registerSuspects: Register = (program, run) => {
  program
    .command('suspects')
    .summary('suspected false negatives')
    .description(
      'Lists tests that many different patches of a task fail, and no other test with it: they may ask for more than the statement says.',
    )
    .option('--min-patches <n>', 'at least so many different patches', positiveInteger, 5)
    .option('--repository <owner/name>', 'of this repository', ownerAndName)
    .option('--limit <n>', 'at most so many, those with the most patches first', positiveInteger, 1000)
    .option(...jsonOption)
    .addHelpText('after', examples('quarry suspects', 'quarry suspects --min-patches 20 --json'))
    .action((options: Options) =>
      run(options, async ({ services, output }) => {
        const found = await services.suspects({ ...options, repository: options.repository ?? null })
        for (const suspect of found) output.object(suspect)
        output.table(
          ['task', 'test', 'in', 'patches', 'resolved', 'models'],
          found.map((each) => [each.task, each.test, each.list, each.patches, each.resolved, each.models.join(' ')]),
        )
        return 'done'
      }),
    )
}
