/** What Quarry says to a pull's author and to a repository's owners. Pure: outcomes in, words out. */
export { type Annotation, type CandidateOutcome, type CheckRun, checkRunFor, checkRunForSettings } from './check-run.ts'
export { code } from './markdown.ts'
export { type RefusalWords, refusalWords } from './refusal-words.ts'
