import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

export const registerDoctor: Register = (program, run) => {
  program
    .command('doctor')
    .summary('what this machine has and lacks')
    .description(
      'Checks programs, sandbox, database and disk; tells the mend for each lack. Exit code 3 where something is lacking.',
    )
    .option(...jsonOption)
    .addHelpText('after', examples('quarry doctor'))
    .action((options: { json?: boolean }) =>
      run(options, async ({ output, services }) => {
        const findings = await services.doctor()
        for (const finding of findings) output.object(finding)
        output.table(
          ['', 'what', 'found'],
          findings.map((finding) => [finding.ok ? 'ok' : 'lacks', finding.name, finding.found]),
        )
        const lacking = findings.filter((finding) => !finding.ok)
        if (lacking.length > 0) output.heading('Mends')
        output.text(...lacking.map((finding) => `${finding.name}: ${finding.mend ?? finding.found}`))
        return lacking.length === 0 ? 'done' : 'no'
      }),
    )
}
