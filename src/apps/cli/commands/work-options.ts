import { availableParallelism } from 'node:os'
import { type Command, Option } from 'commander'
import { positiveInteger } from '../arguments.ts'

/** What every command that takes jobs lets be set. */
export interface WorkOptions {
  readonly concurrency: number
  readonly grace: number
}

/** Adds the options of a worker to a command. */
export function withWorkOptions(command: Command): Command {
  return command
    .option('--concurrency <n>', 'jobs of a stage side by side', positiveInteger, availableParallelism())
    .addOption(
      new Option('--grace <seconds>', 'how long running jobs may take to end once it is stopped')
        .argParser(positiveInteger)
        .default(30),
    )
}
