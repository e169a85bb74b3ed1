import { type CommitInfo, defaultBranch, type Mirror, reachableCommits } from '../git/index.ts'

/** The default branch's history in memory, and the heads of pulls where the mirror has them. */
export interface Mainline {
  /** Name of the default branch, `main`. */
  readonly branch: string
  /** Every commit that the default branch holds, and those of pull heads beside it. */
  readonly commits: ReadonlyMap<string, CommitInfo>
  /** First-parent commits, newest first. */
  readonly chain: readonly string[]
  onChain(commit: string): boolean
  /** True where the default branch holds the commit, by whatever path. */
  holds(commit: string): boolean
  /** For a merge commit of the chain: the commits that it brought, newest first. */
  broughtBy(merge: string): readonly string[]
  /** The chain's commit that brought this one; itself where it is on the chain. */
  bringer(commit: string): string | null
  /** Pull number → head commit, from `refs/pull/N/head`. */
  readonly heads: ReadonlyMap<number, string>
  /** A head's own commits: those along first parents that the chain does not hold, merges left out, newest first. */
  ownOf(head: string): Iterable<CommitInfo>
}

/** A branch that goes on for longer without touching the mainline is another history, not a pull. */
const LONGEST_PULL = 1000

/** Reads all of it in two streamed passes. `commits` takes about 1 KiB each. */
export async function readMainline(mirror: Mirror): Promise<Mainline> {
  const [branch, heads, tip] = await Promise.all([
    defaultBranch(mirror),
    pullHeads(mirror),
    mirror.text(['rev-parse', 'HEAD']),
  ])
  const commits = new Map<string, CommitInfo>()
  await readInto(commits, reachableCommits(mirror, [tip]))
  const held = new Set(commits.keys())
  const beside = [...new Set(heads.values())].filter((head) => !held.has(head))
  await readInto(commits, reachableCommits(mirror, beside.length === 0 ? [] : [...beside, `^${tip}`]))

  const chain = firstParents(commits, tip)
  const { brought, bringers } = assign(commits, chain)
  return {
    branch,
    commits,
    chain,
    heads,
    onChain: (commit) => bringers.get(commit) === commit,
    holds: (commit) => held.has(commit),
    broughtBy: (merge) => brought.get(merge) ?? [],
    bringer: (commit) => bringers.get(commit) ?? null,
    ownOf: (head) => ownCommits(commits, held, head),
  }
}

async function readInto(
  commits: Map<string, CommitInfo>,
  batches: AsyncIterable<readonly CommitInfo[]>,
): Promise<void> {
  for await (const batch of batches) {
    for (const commit of batch) commits.set(commit.commit, commit)
  }
}

async function pullHeads(mirror: Mirror): Promise<Map<number, string>> {
  const listing = await mirror.text(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/pull/'])
  const heads = new Map<number, string>()
  for (const line of listing.split('\n')) {
    const [, commit, number] = /^([0-9a-f]+) refs\/pull\/(\d+)\/head$/.exec(line) ?? []
    if (commit !== undefined) heads.set(Number(number), commit)
  }
  return heads
}

function firstParents(commits: ReadonlyMap<string, CommitInfo>, tip: string): string[] {
  const chain: string[] = []
  for (let at = commits.get(tip); at !== undefined; at = commits.get(at.parents[0] ?? '')) chain.push(at.commit)
  return chain
}

/** Gives each commit to the oldest commit of the chain that holds it: every commit is looked at once. */
function assign(commits: ReadonlyMap<string, CommitInfo>, chain: readonly string[]) {
  const brought = new Map<string, string[]>()
  const bringers = new Map<string, string>(chain.map((commit) => [commit, commit]))
  for (let at = chain.length - 1; at >= 0; at -= 1) {
    const merge = chain[at] ?? ''
    const found: string[] = []
    const open = [...(commits.get(merge)?.parents.slice(1) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (bringers.has(next)) continue
      bringers.set(next, merge)
      found.push(next)
      open.push(...(commits.get(next)?.parents ?? []))
    }
    if (found.length > 0)
      brought.set(
        merge,
        found.sort((a, b) => timeOf(commits, b) - timeOf(commits, a)),
      )
  }
  return { brought, bringers }
}

function timeOf(commits: ReadonlyMap<string, CommitInfo>, commit: string): number {
  return commits.get(commit)?.committedAt.getTime() ?? 0
}

function* ownCommits(
  commits: ReadonlyMap<string, CommitInfo>,
  held: ReadonlySet<string>,
  head: string,
): Generator<CommitInfo> {
  let at = commits.get(head)
  for (let steps = 0; at !== undefined && !held.has(at.commit) && steps < LONGEST_PULL; steps += 1) {
    if (at.parents.length < 2) yield at
    at = commits.get(at.parents[0] ?? '')
  }
}
