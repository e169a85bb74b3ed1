import type { GitObjects } from './git-objects.ts'
import type { Pull, Repository } from './types.ts'

export interface Signature {
  readonly name: string
  readonly email: string
  readonly date: string
}

export interface Commit {
  readonly oid: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
}

export interface ChangedFile {
  readonly path: string
  readonly previousPath: string | null
  /** git's letter: A, C, D, M, R or T. */
  readonly change: string
  readonly oid: string
  readonly additions: number
  readonly deletions: number
}

const kept = new WeakMap<GitObjects, Map<string, Commit>>()

/** By an id or any other name. What an id names never changes, so the last 2,000 of them are kept. */
export async function readCommit(objects: GitObjects, name: string): Promise<Commit | null> {
  const commits = kept.get(objects) ?? new Map<string, Commit>()
  kept.set(objects, commits)
  const known = commits.get(name)
  if (known !== undefined) return known
  const found = await objects.read(`${name}^{commit}`)
  if (found === null) return null
  const commit = parseCommit(found.oid, found.content.toString())
  if (commits.size >= 2_000) commits.clear()
  commits.set(commit.oid, commit)
  return commit
}

function parseCommit(oid: string, text: string): Commit {
  const end = text.indexOf('\n\n')
  const lines = text.slice(0, end < 0 ? text.length : end).split('\n')
  const values = (key: string) => lines.filter((line) => line.startsWith(`${key} `)).map((l) => l.slice(key.length + 1))
  return {
    oid,
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    author: parseSignature(values('author')[0] ?? ''),
    committer: parseSignature(values('committer')[0] ?? ''),
    message: end < 0 ? '' : text.slice(end + 2).replace(/\n+$/, ''),
  }
}

function parseSignature(text: string): Signature {
  const [, name = '', email = '', seconds = '0'] = /^(.*?) ?<(.*?)> (-?\d+)/.exec(text) ?? []
  return { name, email, date: new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z') }
}

/** The commits GitHub lists for a pull, oldest first; at most 250, as there. */
export async function commitsOf(objects: GitObjects, repository: Repository, pull: Pull): Promise<readonly string[]> {
  if (pull.commits !== undefined) return pull.commits.slice(0, 250)
  const range = await rangeOf(objects, repository, pull)
  if (range === null) return []
  const listed = await objects.text(['rev-list', '--reverse', '--topo-order', range.head, `^${range.onto}`])
  return listed.split('\n').filter(Boolean).slice(0, 250)
}

/** What a pull changes, from where its branch left to its head; at most 3,000 files, as there. */
export async function filesOf(objects: GitObjects, repository: Repository, pull: Pull): Promise<ChangedFile[]> {
  const range = await rangeOf(objects, repository, pull)
  if (range === null) return []
  const options = ['diff', '-M', '--no-abbrev', '-z', '--raw', '--numstat']
  return parseChanges(await objects.text([...options, range.base, range.head])).slice(0, 3_000)
}

/** The hunks of each changed file by its path, as GitHub's `patch`; binary files have none. */
export async function patchesOf(objects: GitObjects, repository: Repository, pull: Pull): Promise<Map<string, string>> {
  const range = await rangeOf(objects, repository, pull)
  const files = await filesOf(objects, repository, pull)
  if (range === null) return new Map()
  const text = await objects.text(['diff', '-M', '--no-color', range.base, range.head])
  const hunks = text.split(/^diff --git /m).slice(1)
  return new Map(
    files.flatMap(({ path }, at) => {
      const start = hunks[at]?.search(/^@@ /m) ?? -1
      return start < 0 ? [] : [[path, hunks[at]?.slice(start).trimEnd() ?? ''] as const]
    }),
  )
}

/** `null` where git has not what it takes: the head of a squashed pull is kept under `refs/pull` only. */
async function rangeOf(
  objects: GitObjects,
  repository: Repository,
  pull: Pull,
): Promise<{ base: string; head: string; onto: string } | null> {
  const merged = pull.mergeCommit ? await readCommit(objects, pull.mergeCommit) : null
  const onto = merged?.parents[0] ?? `refs/heads/${pull.baseRef ?? repository.defaultBranch}`
  const head = (await readCommit(objects, pull.head.sha))?.oid ?? merged?.oid
  if (head === undefined || (await readCommit(objects, onto)) === null) return null
  const base = (await objects.text(['merge-base', onto, head])).trim()
  return { base, head, onto }
}

/** `--raw` and `--numstat` of one diff list the same files in the same order. */
function parseChanges(text: string): ChangedFile[] {
  const fields = text.split('\0')
  const raw: Omit<ChangedFile, 'additions' | 'deletions'>[] = []
  const counts: { additions: number; deletions: number }[] = []
  for (let field = fields.shift(); field !== undefined && field !== ''; field = fields.shift()) {
    if (field.startsWith(':')) raw.push(parseRaw(field, fields))
    else counts.push(parseCounts(field, fields))
  }
  return raw.map((each, at) => ({ ...each, ...(counts[at] ?? { additions: 0, deletions: 0 }) }))
}

function parseRaw(head: string, following: string[]): Omit<ChangedFile, 'additions' | 'deletions'> {
  const [, , , oid = '', status = 'M'] = head.split(' ')
  const change = status.charAt(0)
  const first = following.shift() ?? ''
  const moved = change === 'R' || change === 'C'
  return { path: moved ? (following.shift() ?? '') : first, previousPath: moved ? first : null, change, oid }
}

function parseCounts(head: string, following: string[]): { additions: number; deletions: number } {
  const [additions = '-', deletions = '-', path] = head.split('\t')
  // A moved file's two names follow in fields of their own.
  if (path === '') following.splice(0, 2)
  return { additions: Number(additions) || 0, deletions: Number(deletions) || 0 }
}
