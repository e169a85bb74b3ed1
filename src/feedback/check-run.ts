import { type Evidence, type Reason, type SettingsProblem, settingsPath } from '../model/index.ts'
import { code, codeList, plainLine } from './markdown.ts'
import { refusalWords } from './refusal-words.ts'

/** What became of a pull's candidate. */
export type CandidateOutcome =
  | {
      readonly state: 'vetted'
      readonly task: string
      /** Names of tests. */
      readonly failToPass: readonly string[]
      /** How many there are. */
      readonly passToPass: number
    }
  | { readonly state: 'refused'; readonly reason: Reason; readonly evidence: Evidence }

export interface Annotation {
  readonly path: string
  readonly start_line: number
  readonly end_line: number
  readonly annotation_level: 'failure'
  readonly title: string
  readonly message: string
}

/** The part of the body of GitHub's "Create a check run" that is Quarry's to say; the caller adds `head_sha`. */
export interface CheckRun {
  readonly name: 'Quarry'
  readonly conclusion: 'success' | 'neutral' | 'failure'
  readonly output: {
    readonly title: string
    readonly summary: string
    readonly annotations?: readonly Annotation[]
  }
}

/** GitHub takes so many annotations in one request (REST, "Create a check run"). */
const mostAnnotations = 50

/** What Quarry made of a pull: never a failure, as there is nothing wrong with a pull that makes no task. */
export function checkRunFor(outcome: CandidateOutcome): CheckRun {
  return outcome.state === 'vetted' ? vetted(outcome) : refused(outcome)
}

function vetted({ task, failToPass, passToPass }: Extract<CandidateOutcome, { state: 'vetted' }>): CheckRun {
  const summary = [
    `This pull request became the task ${code(task)}.`,
    `- FAIL_TO_PASS: ${counted(failToPass.length)} fail before the fix and pass after it\n- PASS_TO_PASS: ${counted(passToPass)} pass before and after`,
    codeList(failToPass),
  ]
  return {
    name: 'Quarry',
    conclusion: 'success',
    output: { title: `Vetted: ${counted(failToPass.length)} show the fix`, summary: summary.join('\n\n') },
  }
}

function refused({ reason, evidence }: Extract<CandidateOutcome, { state: 'refused' }>): CheckRun {
  const { title, explanation, mend } = refusalWords(reason, evidence)
  const summary = `${explanation}\n\n${mend}\n\nReason: ${code(reason)}`
  return { name: 'Quarry', conclusion: 'neutral', output: { title, summary } }
}

/** The mistakes of a settings file on their lines: the first fifty, and in the summary how many there are. */
export function checkRunForSettings(problems: readonly SettingsProblem[]): CheckRun {
  const mistakes = problems.length === 1 ? 'one mistake' : `${problems.length} mistakes`
  const more = problems.length > mostAnnotations ? ` The first ${mostAnnotations} are shown.` : ''
  return {
    name: 'Quarry',
    conclusion: 'failure',
    output: {
      title: `The settings have ${mistakes}`,
      summary: `${code(settingsPath)} has ${mistakes}.${more} Nothing is mined until the file is mended: nobody guesses what was meant.`,
      annotations: problems.slice(0, mostAnnotations).map(annotation),
    },
  }
}

function annotation({ line, endLine, path, message, mend }: SettingsProblem): Annotation {
  return {
    path: settingsPath,
    start_line: line,
    end_line: endLine,
    annotation_level: 'failure',
    title: plainLine(path === '' ? settingsPath : path, 200),
    message: plainLine(`${message} ${mend}`, 1000),
  }
}

function counted(tests: number): string {
  return tests === 1 ? '1 test' : `${tests} tests`
}
