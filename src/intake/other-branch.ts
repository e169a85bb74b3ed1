import { type CommitInfo, type Mirror, reachableCommits } from '../git/index.ts'
import type { Lookups } from './base.ts'
import type { Mainline } from './mainline.ts'

/** A rebase of more commits than this is taken for one of its last commit alone. */
const LONGEST_REBASE = 100

/**
 * What `landingOf` needs of a merge that is not on the mainline's chain (a maintenance branch, a branch merged into another): one
 * more process for each such pull.
 */
export async function lookupsFor(mirror: Mirror, mainline: Mainline, merge: CommitInfo): Promise<Lookups> {
  if (mainline.onChain(merge.commit)) return mainline
  const [parent, ...others] = merge.parents
  const found = new Map<string, CommitInfo>()
  const wanted = others.length > 0 ? [...others, `^${parent}`] : [merge.commit]
  for await (const batch of reachableCommits(mirror, wanted, others.length > 0 ? undefined : LONGEST_REBASE)) {
    for (const commit of batch) found.set(commit.commit, commit)
  }
  return {
    commits: { get: (id) => found.get(id) ?? mainline.commits.get(id) },
    broughtBy: (id) => (id === merge.commit ? [...found.keys()] : []),
    ownOf: mainline.ownOf,
  }
}
