import { Command } from 'commander'
import { examples } from './commands/examples.ts'
import { commands } from './commands/index.ts'
import type { Run } from './session.ts'

const ending = `
Exit codes: 0 done, 1 fault, 2 wrong usage or input, 3 done and the answer is no (nothing vetted, not resolved).
Settings are environment variables; README.md has the table.
${examples('quarry mine ../shop', 'quarry tasks', 'quarry grade acme__shop-123 --patch fix.patch')}`

/** The whole command line. Wrong usage throws CommanderError. */
export function createProgram(run: Run, version: string): Command {
  const program = new Command('quarry')
    .description('Turns merged pull requests into vetted coding environments.')
    .version(version)
    .showHelpAfterError('(quarry --help, or quarry <command> --help, tells how)')
    .addHelpText('after', ending)
    .exitOverride()
  for (const register of commands) register(program, run)
  return program
}
