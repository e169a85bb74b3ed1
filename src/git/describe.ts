import type { Mirror } from './mirror.ts'

/** The nearest tag below a commit, as `git describe --tags --abbrev=0` finds it; null where there is none. */
export async function describeTag(mirror: Mirror, commit: string): Promise<string | null> {
  const answer = await mirror.ask(['describe', '--tags', '--abbrev=0', '--end-of-options', commit])
  return answer.exitCode === 0 ? answer.stdout.toString('utf8').trim() : null
}
