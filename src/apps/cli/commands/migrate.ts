import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

export const registerMigrate: Register = (program, run) => {
  program
    .command('migrate')
    .summary('bring the database up to date')
    .description('Applies the migrations that the database lacks. Other commands do so, too, before they begin.')
    .option(...jsonOption)
    .addHelpText('after', examples('quarry migrate'))
    .action((options: { json?: boolean }) =>
      run(options, async ({ output, services }) => {
        const done = await services.migrate()
        output.object(done)
        output.text(`${done.database} is up to date: ${done.migrations.length} migrations`)
        return 'done'
      }),
    )
}
