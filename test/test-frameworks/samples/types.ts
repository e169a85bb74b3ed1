import type { TestId, TestStatus } from '../../../src/model/index.ts'

export type Files = Readonly<Record<string, string>>

/**
 * A small repository whose tests end in every way that a framework knows. It is run once, in earnest, by `programs/record.ts`; what the
 * reporter wrote then lies in `recorded/<framework>/<name>` and is read again by every run of the contract test.
 */
export interface Sample {
  readonly framework: string
  readonly name: string
  readonly files: Files
  /** What the reader has to make of the recording: all of its tests, and how each ended. */
  readonly expected: Readonly<Record<TestId, TestStatus>>
  /** Day that packages are installed as of. */
  readonly asOf: string
  /** Name of the strategy that it is run with; left out: the first of the ladder. */
  readonly strategy?: string
  /** Which of the strategy's plans this recording is of; left out: the first. */
  readonly plan?: number
  /** The framework was ended before its end, so the report must not be complete. */
  readonly isBrokenOff?: boolean
}

/** One sample in several versions of its framework: what each version's own files add. */
export function inVersions(
  sample: Omit<Sample, 'name' | 'asOf'> & { readonly asOf?: string },
  versions: Readonly<Record<string, Files>>,
  name = '',
): readonly Sample[] {
  return Object.entries(versions).map(([version, files]) => ({
    asOf: '2026-06-01',
    ...sample,
    name: `${name}${version}`,
    files: { ...sample.files, ...files },
  }))
}
