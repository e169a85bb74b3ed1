import { UserError } from '../../../errors.ts'
import type { ToldOutcomes } from '../services.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface Options {
  readonly consumer?: string
  readonly model?: string
  readonly solved?: boolean
  readonly unsolved?: boolean
  readonly reward?: number
  readonly tokens?: number
  readonly grade?: string
  readonly file?: string
  readonly json?: boolean
}

export const registerOutcome: Register = (program, run) => {
  program
    .command('outcome')
    .summary('report attempts at tasks')
    .description(
      'Stores what became of an attempt, or of those in a file of JSON Lines with the same names as keys: they make the solve rates that filters ask for.',
    )
    .argument('[id]', "the task's name, e.g. acme__shop-123")
    .option('--consumer <name>', 'what the training run calls itself')
    .option('--model <name>', 'which model tried')
    .option('--solved', 'it solved the task')
    .option('--unsolved', 'it did not')
    .option('--reward <number>', 'what the trainer made of it', Number)
    .option('--tokens <n>', 'tokens that the model spent', Number)
    .option('--grade <id>', 'the grade that it goes by')
    .option('--file <file>', 'outcomes as JSON Lines; - reads standard input')
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples(
        'quarry outcome acme__shop-123 --consumer fresh --model some-model-7b --solved --reward 1',
        'quarry outcome --file outcomes.jsonl',
      ),
    )
    .action((id: string | undefined, options: Options) =>
      run(options, async ({ services, output }) => {
        const told = await services.tellOutcomes(toldBy(id, options))
        output.object(told)
        output.text(`${told.stored} stored`)
        return 'done'
      }),
    )
}

function toldBy(id: string | undefined, { file, solved, unsolved, json, ...rest }: Options): ToldOutcomes {
  if (file !== undefined) {
    if (id !== undefined || solved === true || unsolved === true || Object.keys(rest).length > 0)
      throw new UserError('--file was given together with an outcome', { mend: 'give the one or the other' })
    return { file }
  }
  if (id === undefined) throw new UserError('no task was named', { mend: 'name one, or give --file' })
  if ((solved === true) === (unsolved === true))
    throw new UserError('it has to be either solved or not', { mend: 'give --solved or --unsolved' })
  return { outcome: { task: id, solved: solved === true, ...rest } }
}
