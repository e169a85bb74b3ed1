import { askGit } from './command.ts'
import type { Mirror } from './mirror.ts'
import type { Source } from './source.ts'
import { ANSWER_SECONDS, remoteOptions } from './update-mirror.ts'

/** Refs that an update of a mirror brings. */
const FETCHED = /\trefs\/(?:heads|tags|pull\/\d+\/head|remotes\/origin)(?:\/|$)/

/**
 * Whether a mirror that was removed could be fetched again with all of these commits: its source answers, and each of them is part of a
 * branch, tag or pull head that the source has now, as far as the mirror knows those.
 */
export async function isFetchable(mirror: Mirror, source: Source, commits: readonly string[]): Promise<boolean> {
  const listing = await askGit(mirror.folder, ['ls-remote', '--end-of-options', source.location], {
    ...remoteOptions(mirror.folder, source, {}),
    deadlineSeconds: ANSWER_SECONDS,
  })
  if (listing.exitCode !== 0) return false
  const tips = listing.stdout
    .toString('utf8')
    .split('\n')
    .flatMap((line) => (FETCHED.test(line) ? (line.split('\t')[0] ?? []) : []))
  if (tips.length === 0) return false
  if (commits.length === 0) return true
  const input = [...commits, '--not', ...(await known(mirror, tips))].join('\n')
  const beyond = await mirror.ask(['rev-list', '--max-count=1', '--stdin'], { input: `${input}\n` })
  return beyond.exitCode === 0 && beyond.stdout.length === 0
}

/** What the source has got since is not needed to tell. */
async function known(mirror: Mirror, objects: readonly string[]): Promise<string[]> {
  const answer = await mirror.text(['cat-file', '--batch-check=%(objecttype)', '--buffer'], {
    input: `${objects.join('\n')}\n`,
  })
  const kinds = answer.split('\n')
  return objects.filter((_, at) => kinds[at] === 'commit' || kinds[at] === 'tag')
}
