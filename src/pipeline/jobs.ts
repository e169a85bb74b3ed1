/** The jobs of the pipeline, by themselves: the command line's help needs their names, and nothing else of it. */

export interface CandidateJob {
  readonly candidate: number
  readonly priority: number
}

/** One job name for each stage that is a job, in the order of the flow. */
export const jobNames = ['snapshot', 'environment', 'validators', 'publish'] as const
export type JobName = (typeof jobNames)[number]
export type Jobs = { readonly [Name in JobName]: CandidateJob }
