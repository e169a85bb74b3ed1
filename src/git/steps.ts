import { DEADLINE_SECONDS, gitFault, OUTPUT_CAP } from './command.ts'
import { runInShell } from './shells.ts'

export interface StepsAnswer {
  /** The position of the step that failed; null where all went well. */
  readonly failed: number | null
  /** What all steps wrote, one after the other. */
  readonly stdout: Buffer
  readonly stderr: string
}

/** A git command, or one whose output another takes as its input: of two, the second alone says whether they failed. */
export type Step = readonly string[] | { readonly from: readonly string[]; readonly into: readonly string[] }

export interface StepsOptions {
  readonly variables?: Readonly<Record<string, string>>
  /** A file that one of the steps, at most, reads. */
  readonly input?: string
  readonly deadlineSeconds?: number
}

/**
 * Runs several git commands one after the other, up to the first that fails, in one of the shells that wait. Throws `Fault('git')` when they
 * run past their deadline or are killed.
 */
export async function askGitSteps(
  folder: string,
  steps: readonly Step[],
  { variables = {}, input = '/dev/null', deadlineSeconds = DEADLINE_SECONDS }: StepsOptions = {},
): Promise<StepsAnswer> {
  const parts = steps.map((step) => ('from' in step ? [step.from, step.into] : [step]))
  const script = [
    `cd ${quoted(folder)} || exit ${NO_FOLDER}`,
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    ...parts.map(
      (part, at) => `${part.map(asCommand).join(' | ')} || exit $(($? > 128 ? ${KILLED} : ${FIRST_STEP + at}))`,
    ),
  ].join('\n')
  const answer = await runInShell(script, { input: quoted(input), deadlineSeconds, cap: OUTPUT_CAP })
  const { exitCode, stdout, stderr } = answer
  if (exitCode === 0) return { failed: null, stdout, stderr }
  const failed = (exitCode ?? 0) - FIRST_STEP
  if (failed >= 0 && failed < parts.length) return { failed, stdout, stderr }
  const names = parts.flatMap((part) => part.map(([name]) => name)).join(', ')
  throw gitFault(
    `git ${names}`,
    answer.ended ?? (exitCode === KILLED ? 'was killed' : `ended with ${exitCode}`),
    stderr,
  )
}

/** Exit codes of the shell that name the step; the shell's own are others. */
const FIRST_STEP = 10
const NO_FOLDER = 3
/** A signal ended git: the machine's failure, and no answer of git's. */
const KILLED = 4

const asCommand = (args: readonly string[]) => `git ${args.map(quoted).join(' ')}`

function quoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`
}
