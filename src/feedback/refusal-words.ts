import type { Evidence, Reason } from '../model/index.ts'
import { environmentWords } from './environment-words.ts'
import { listed, told, withDetail } from './evidence.ts'
import { validationWords } from './validation-words.ts'

/** A refusal in the words of a pull's author. Markdown, in which whatever came out of a repository is code. */
export interface RefusalWords {
  readonly title: string
  readonly explanation: string
  /** What the author, or who looks after the repository, can do about it. */
  readonly mend: string
}

export type Wording = (evidence: Evidence) => RefusalWords

/** Says what a reason means to the author of the pull, with what the evidence knows. */
export function refusalWords(reason: Reason, evidence: Evidence = {}): RefusalWords {
  return words[reason](evidence)
}

const nothing = 'There is nothing to mend.'

const minerWords = {
  'no-linked-issue': () => ({
    title: 'No linked issue',
    explanation: 'A task needs a problem statement, and no issue is linked that this pull request closes.',
    mend: 'Write a closing keyword with the number of the issue into the description, like "Fixes #12", or link the issue in the side bar.',
  }),
  'not-a-release-branch': (evidence) => ({
    title: 'Merged into another branch',
    explanation: withDetail(
      'Only pull requests into the default branch or a release branch are mined.',
      'This one went into',
      told(evidence, 'base'),
    ),
    mend: nothing,
  }),
  bot: (evidence) => ({
    title: 'Opened by a bot',
    explanation: withDetail('Only work of people is mined.', 'The author is', told(evidence, 'login')),
    mend: nothing,
  }),
  'no-test-change': () => ({
    title: 'No test was changed',
    explanation: 'A fix is judged by tests that come with it, and this pull request changes none.',
    mend: 'Add a test that fails without the change. If there is one in an unusual place, name the place under `paths.test` in `.github/quarry.yml`.',
  }),
  'only-test-change': () => ({
    title: 'Only tests were changed',
    explanation: 'Without a change of the source there is nothing for anybody to solve.',
    mend: nothing,
  }),
  'no-source-change': () => ({
    title: 'No source was changed',
    explanation: 'Only documentation, configuration or dependencies changed, beside tests.',
    mend: 'If these are sources, see that `paths.ignore` in `.github/quarry.yml` does not leave them out.',
  }),
  'unsupported-language': (evidence) => ({
    title: 'A language that Quarry does not know',
    explanation: withDetail('Quarry can not look into the changed sources.', 'They are', listed(evidence, 'paths')),
    mend: nothing,
  }),
  'submodule-change': (evidence) => ({
    title: 'A submodule was changed',
    explanation: withDetail('What a submodule holds is not part of the repository.', 'It is', told(evidence, 'path')),
    mend: 'Change the submodule in a pull request of its own.',
  }),
  'binary-source-change': (evidence) => ({
    title: 'A binary file was changed',
    explanation: withDetail('A fix must be readable as a patch.', 'The file is', told(evidence, 'path')),
    mend: 'If the file is test data, move it beside the tests, or name it under `paths.test` in `.github/quarry.yml`.',
  }),
  'too-large': (evidence) => ({
    title: 'Too large for one task',
    explanation: withDetail(
      'The pull request changes more than one task should ask for.',
      `${sizes[String(evidence.what)] ?? 'Changes'}:`,
      evidence.count === undefined ? null : `${told(evidence, 'count')} (at most ${told(evidence, 'limit') ?? ''})`,
    ),
    mend: 'Smaller pull requests, each with its own issue, are mined one by one.',
  }),
  'later-reverted': (evidence) => ({
    title: 'Reverted later',
    explanation: withDetail('A later commit took this work back.', 'It is', told(evidence, 'by')),
    mend: nothing,
  }),
  backport: (evidence) => ({
    title: 'A backport',
    explanation: withDetail('The work was done in another pull request.', 'The sign is', told(evidence, 'sign')),
    mend: nothing,
  }),
} satisfies Partial<Record<Reason, Wording>>

const sizes: Readonly<Record<string, string>> = {
  paths: 'Changed files',
  sourceFiles: 'Changed source files',
  sourceLines: 'Changed lines of source',
  testLines: 'Changed lines of tests',
}

const intakeWords = {
  'not-merged': () => ({
    title: 'Not merged',
    explanation: 'Only merged pull requests are mined.',
    mend: 'Merge it.',
  }),
  'commits-missing': () => ({
    title: 'Commits are missing',
    explanation: 'The merge commit, or the commit before it, is not in the repository any more.',
    mend: 'Where history was rewritten, this can not be mended for old pull requests.',
  }),
  'diff-mismatch': (evidence) => ({
    title: 'The merge holds more than the pull request',
    explanation: withDetail(
      'What the merge changed is not what the pull request shows.',
      'They differ in',
      listed(evidence, 'paths'),
    ),
    mend: 'Merge without changes of your own in the merge commit.',
  }),
  'not-consented': (evidence) => notConsented(evidence),
  'repository-archived': () => ({
    title: 'The repository is archived',
    explanation: 'Archived repositories are left alone.',
    mend: 'Unarchive the repository.',
  }),
} satisfies Partial<Record<Reason, Wording>>

function notConsented(evidence: Evidence): RefusalWords {
  const title = 'Not mined, as the settings say'
  const labels = listed(evidence, 'labels')
  if (evidence.setting === 'labels.exclude')
    return { title, explanation: withDetail('Its labels leave it out.', 'It has', labels), mend: 'Take the label off.' }
  if (evidence.setting === 'labels.require')
    return { title, explanation: withDetail('It lacks a label.', 'Wanted:', labels), mend: 'Add the label.' }
  if (evidence.why === 'mistakes')
    return {
      title: 'The settings have mistakes',
      explanation: 'Nothing is mined while `.github/quarry.yml` has mistakes: nobody guesses what was meant.',
      mend: 'Correct `.github/quarry.yml` on the default branch.',
    }
  return {
    title,
    explanation: 'The owners of this repository have not asked for it to be mined.',
    mend: 'An owner can write `enabled: true` into `.github/quarry.yml` on the default branch.',
  }
}

const snapshotWords = {
  'patch-does-not-apply': () => ({
    title: 'Fix and tests can not be told apart',
    explanation: 'The change could not be split into a fix and its tests that apply one without the other.',
    mend: 'Keep moves and renames of files in a pull request of their own.',
  }),
  'split-failed': (evidence) => ({
    title: 'Fix and tests stand too close',
    explanation: withDetail('Fix and tests are in the same lines of a file.', 'Files:', listed(evidence, 'files')),
    mend: 'Keep tests in files of their own.',
  }),
} satisfies Partial<Record<Reason, Wording>>

const words: { readonly [Name in Reason]: Wording } = {
  ...intakeWords,
  ...minerWords,
  ...snapshotWords,
  ...environmentWords,
  ...validationWords,
}
