import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault, messageOf } from '../errors.ts'
import type { Change, TreeReader } from '../model/index.ts'
import { gitFault, isDiskFull } from './command.ts'
import { type Mirror, scratchFolder } from './mirror.ts'
import { rawChanges } from './raw-changes.ts'
import type { Step, StepsAnswer } from './steps.ts'

const LINK = '120000'
const SUBMODULE = '160000'

/** Opens a tree (or a commit's tree) for reading: one `ls-tree`, then blobs as asked for. */
export async function openTree(mirror: Mirror, tree: string): Promise<TreeReader> {
  const entries = await listTree(mirror, tree)
  return {
    tree,
    paths: [...entries.keys()],
    has: (path) => entries.has(path),
    blobOf: (path) => entries.get(path)?.blob ?? null,
    async read(path) {
      const entry = entries.get(path)
      if (entry === undefined || entry.mode === LINK || entry.mode === SUBMODULE) return null
      return (await readBlob(mirror, entry.blob)).toString('utf8')
    },
  }
}

interface TreeEntry {
  readonly mode: string
  /** The blob's id; of a submodule, its commit's. */
  readonly blob: string
}

/** Every file, link and submodule of a tree by path, in git's order. */
export async function listTree(mirror: Mirror, tree: string): Promise<Map<string, TreeEntry>> {
  const listing = await mirror.text(['ls-tree', '-r', '-z', '--full-tree', tree])
  const entries = new Map<string, TreeEntry>()
  for (const line of listing.split('\0')) {
    const tab = line.indexOf('\t')
    const [mode, , blob] = line.slice(0, tab).split(' ')
    if (mode !== undefined && blob !== undefined) entries.set(line.slice(tab + 1), { mode, blob })
  }
  return entries
}

/** The bytes of every file of a tree by path. */
export async function sizesIn(mirror: Mirror, tree: string): Promise<Map<string, number>> {
  const listing = await mirror.text(['ls-tree', '-r', '-l', '-z', '--full-tree', tree])
  const records = listing.matchAll(/\S+ blob \S+ +(\d+)\t([^\0]+)\0/g)
  return new Map(Array.from(records, ([, bytes = '', path = '']) => [path, Number(bytes)]))
}

/** A blob's bytes. Throws where the mirror has no such blob. */
export async function readBlob(mirror: Mirror, blob: string): Promise<Buffer> {
  const object = await mirror.objects.read(blob)
  if (object?.type !== 'blob') throw new Fault('git', `the mirror has no blob ${blob}`)
  return object.content
}

/** Stores bytes as they are (no filters, no line ends changed) and gives the blob's id. */
export async function writeBlob(mirror: Mirror, content: Buffer | string): Promise<string> {
  const write = ['hash-object', '-w', '--stdin', '--no-filters']
  const answer = await inScratch(mirror, content, (_, input) => mirror.askSteps([write], { input }))
  if (answer.failed !== null) throw gitFault('git hash-object', 'failed', answer.stderr)
  return answer.stdout.toString('utf8').trim()
}

/** What differs between two trees (or commits): git's raw diff, renames not paired, sorted by path. */
export async function diffTrees(mirror: Mirror, a: string, b: string): Promise<Change[]> {
  const answer = await mirror.askSteps([[...rawDiff, a, b]])
  if (answer.failed !== null) throw gitFault('git diff-tree', 'failed', answer.stderr)
  return rawChanges(answer.stdout.toString('utf8').split('\0'))
}

const rawDiff = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev']

/** One path to set (mode and blob) or, with `blob: null`, to take out. */
export interface TreeEdit {
  readonly path: string
  readonly mode: string
  readonly blob: string | null
}

/** The tree that comes of a base tree (null: an empty one) with some paths set or taken out. Refuses `..` and `.git` by throwing. */
export async function buildTree(mirror: Mirror, baseTree: string | null, edits: readonly TreeEdit[]): Promise<string> {
  // Removals first: a file that takes a folder's place must find it empty.
  const ordered = [...edits].sort((a, b) => Number(a.blob !== null) - Number(b.blob !== null))
  const lines = ordered.map(({ path, mode, blob }) =>
    blob === null ? `0 ${'0'.repeat(40)}\t${path}\0` : `${mode} ${blob}\t${path}\0`,
  )
  const steps = [['update-index', '-z', '--index-info'], ['write-tree']]
  const built = await onIndex(mirror, baseTree, steps, { input: lines.join('') })
  // A path that git will not have (`..`, `.git`) is only warned about; a tree without it would be another tree than asked for.
  if (built.failed !== null || built.stderr !== '')
    throw gitFault('git update-index', 'could not build a tree', built.stderr)
  return built.stdout.toString('utf8').trim()
}

/**
 * Applies a patch to a tree, without a work tree. A patch that does not apply, leaves the tree, touches `.git` or goes through a
 * link is `rejected` with git's words; the empty patch gives the tree itself.
 */
export async function applyToTree(
  mirror: Mirror,
  tree: string,
  patch: Buffer,
): Promise<{ tree: string } | { rejected: string }> {
  if (isEmpty(patch)) return { tree }
  const applied = await apply(mirror, tree, patch, [])
  return typeof applied === 'string' ? { tree: applied.trim() } : applied
}

/** The same, and what differs between another tree and what comes of it, as `diffTrees` tells it. */
export async function applyAndCompare(
  mirror: Mirror,
  tree: string,
  patch: Buffer,
  other: string,
): Promise<{ tree: string; changes: Change[] } | { rejected: string }> {
  if (isEmpty(patch)) return { tree, changes: await diffTrees(mirror, other, tree) }
  const compare = ['diff-index', '--cached', '-z', '--raw', '--no-renames', '--no-abbrev', other]
  const applied = await apply(mirror, tree, patch, [compare])
  if (typeof applied !== 'string') return applied
  const end = applied.indexOf('\n')
  return { tree: applied.slice(0, end), changes: rawChanges(applied.slice(end + 1).split('\0')) }
}

const isEmpty = (patch: Buffer) => patch.toString('latin1').trim() === ''

/** A patch of a few bytes may unpack to a file that fills the memory: git refuses it above this size. */
const LARGEST_FILE = '512m'

/** What `write-tree` and the steps after it wrote. */
async function apply(
  mirror: Mirror,
  tree: string,
  patch: Buffer,
  then: readonly Step[],
): Promise<string | { rejected: string }> {
  const steps = [['apply', '--cached', '--whitespace=nowarn', '-'], ['write-tree'], ...then]
  const applied = await onIndex(mirror, tree, steps, { input: patch, variables: { GIT_ALLOC_LIMIT: LARGEST_FILE } })
  if (applied.failed === null) return applied.stdout.toString('utf8')
  // A full disk is no fault of the patch. git's words alone don't prove one: names out of the patch stand in them.
  if (isDiskFull(applied.stderr)) await writeBlob(mirror, randomBytes(1024 * 1024))
  return { rejected: applied.stderr.trim().slice(0, 4000) }
}

/**
 * A patch from one tree to another that plain `git apply` takes: full ids, binary files whole, renames as delete and add. `context`: lines around each
 * change, git's own number if left out.
 */
export async function patchBetween(
  mirror: Mirror,
  a: string,
  b: string,
  paths: readonly string[] = [],
  context = 3,
): Promise<Buffer> {
  const limit = paths.length === 0 ? [] : ['--', ...paths.map((path) => `:(top,literal)${path}`)]
  return mirror.git([
    'diff-tree',
    '-r',
    '-p',
    '--binary',
    '--full-index',
    '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    '--src-prefix=a/',
    '--dst-prefix=b/',
    `--unified=${context}`,
    '--inter-hunk-context=0',
    '--diff-algorithm=myers',
    '--submodule=short',
    '--ignore-submodules=none',
    '--no-relative',
    '-O/dev/null',
    a,
    b,
    ...limit,
  ])
}

/** What steps on an index need beside it. */
interface IndexOptions {
  readonly input?: Buffer | string
  readonly variables?: Readonly<Record<string, string>>
}

/**
 * Runs commands in turn on a private index that holds a tree (null: nothing), up to the first that fails; the index goes
 * afterwards. Throws `Fault('git')` where the tree can't be read.
 */
export async function onIndex(
  mirror: Mirror,
  tree: string | null,
  steps: readonly Step[],
  options: IndexOptions,
): Promise<StepsAnswer> {
  const read = ['read-tree', tree ?? '--empty']
  const answer = await inScratch(mirror, options.input ?? '', (scratch, input) =>
    mirror.askSteps([read, ...steps], {
      variables: { ...options.variables, GIT_INDEX_FILE: join(scratch, 'index') },
      input,
    }),
  )
  if (answer.failed === 0) throw gitFault('git read-tree', 'failed', answer.stderr)
  return { ...answer, failed: answer.failed === null ? null : answer.failed - 1 }
}

/** With a folder of its own, and a file in it that holds what git is to read. */
async function inScratch<T>(
  mirror: Mirror,
  content: Buffer | string,
  work: (scratch: string, input: string) => Promise<T>,
): Promise<T> {
  const scratch = await scratchFolder(mirror.folder)
  try {
    const input = join(scratch, 'input')
    await writeFile(input, content).catch((cause: unknown) => {
      throw gitFault('git', `can't be given its input`, messageOf(cause), cause)
    })
    return await work(scratch, input)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Writes the files of a tree that another lacks, or has otherwise, into `GIT_WORK_TREE` as git checks them out. Gives what differs. */
export async function checkOutChanges(
  mirror: Mirror,
  from: string,
  to: string,
  options: IndexOptions,
): Promise<Change[]> {
  const names = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--diff-filter=d', from, to]
  const write = { from: names, into: ['checkout-index', '--force', '--quiet', '-z', '--stdin'] }
  const answer = await onIndex(mirror, to, [[...rawDiff, from, to], write], options)
  if (answer.failed !== null) throw gitFault('git checkout-index', 'failed', answer.stderr)
  return rawChanges(answer.stdout.toString('utf8').split('\0'))
}

/** Writes files of a tree into `GIT_WORK_TREE` as git checks them out. `which`: checkout-index's options that choose the paths. */
export async function checkOut(
  mirror: Mirror,
  tree: string,
  which: readonly string[],
  options: IndexOptions,
): Promise<void> {
  const answer = await onIndex(mirror, tree, [['checkout-index', '--force', '--quiet', ...which]], options)
  if (answer.failed !== null) throw gitFault('git checkout-index', 'failed', answer.stderr)
}
