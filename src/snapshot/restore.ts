import { buildTree, diffTrees, type Mirror, type TreeEdit, writeBlob } from '../git/index.ts'
import type { GitObject } from '../git/object-reader.ts'
import type { Change, KindedChange, PathKind } from '../model/index.ts'
import type { TestPaths } from '../test-frameworks/types.ts'
import { textOf } from './file-text.ts'
import { declaredKind, type TellKind, tellKinds } from './kinds.ts'
import {
  emptyManifest,
  hasTestParts,
  isReadableManifest,
  isRunnersManifest,
  isTestKind,
  mayClaimTests,
  withTestParts,
} from './test-parts.ts'

interface RestoreInput {
  readonly mirror: Mirror
  /** The snapshot's trees. */
  readonly beforeTree: string
  readonly afterTree: string
  /** The kinds that the split gave; they win over what a path looks like now. */
  readonly changes: readonly KindedChange[]
  readonly testPaths: TestPaths
  /** The base with the candidate patch applied. */
  readonly candidateTree: string
  /** What leads from the after-state to it, where that is known. */
  readonly fromAfter?: readonly Change[]
}

interface Restored {
  readonly tree: string
  /** Paths put back, whole or in part. */
  readonly restored: readonly string[]
  /** Paths that the candidate had and the after-state does not let it have. */
  readonly deleted: readonly string[]
}

/** Settings that steer how scripts and checkouts work, and dependencies in the tree: a fix may bring these, nothing else may. */
const guarded =
  /(?:^|\/)(?:\.gitattributes|\.npmrc|\.yarnrc(?:\.yml)?|\.pnpmfile\.[cm]?js|bunfig\.toml|rust-toolchain(?:\.toml)?|(?:site|user)customize\.py|[^/]+\.pth)$|(?:^|\/)(?:node_modules|\.yarn|\.cargo|[^/]+\.(?:egg|dist)-info)\/|^\.quarry\/|(?:^|\/)\.mvn\/|(?:^|\/)gradle\/wrapper\/|^(?:[^/]+\/)?(?:buildSrc|build-logic|\.gradle)\/|(?:^|\/)build\/(?:classes|tmp\/kotlin-classes|resources\/test)\/|(?:^|\/)target\/(?:classes|test-classes|maven-status)\/|(?:^|\/)META-INF\/services\/org\.junit\.|(?:^|\/)junit-platform\.properties$/

/**
 * Puts the tests of the after-state back into a candidate's tree. Whole files where tests own the file, added ones deleted; in
 * mixed sources only the test items; in manifests only the test runner's keys. It works on git trees, where a link is a
 * blob like any other and can't be followed. A candidate that is the fix gives the after-state's tree; the base gives the before-state's.
 */
export async function restoreTests(input: RestoreInput): Promise<Restored> {
  const { mirror, candidateTree } = input
  const tell = tellKinds(input.testPaths)
  const known = new Map(input.changes.map((change) => [change.path, change.kind]))
  const edits: TreeEdit[] = []
  const changes = input.fromAfter ?? (await diffTrees(mirror, input.afterTree, candidateTree))
  for (const change of changes) {
    const edit = await editFor(input, change, await kindOf(input, change, known, tell))
    if (edit !== null) edits.push(edit)
  }
  if (edits.length === 0) return { tree: candidateTree, restored: [], deleted: [] }
  const all = [...edits, ...inTheWay(edits, changes)]
  return {
    tree: await buildTree(mirror, candidateTree, all),
    restored: all.filter((edit) => edit.blob !== null).map((edit) => edit.path),
    deleted: all.filter((edit) => edit.blob === null).map((edit) => edit.path),
  }
}

/** `change` leads from the after-state to the candidate: its old side is what the tests want, its new side what is there. */
async function editFor(input: RestoreInput, change: Change, kind: PathKind): Promise<TreeEdit | null> {
  const wanted = { path: change.path, mode: change.oldMode, blob: change.oldBlob }
  if (isTestKind(kind)) return wanted
  if (guarded.test(change.path)) return (await isBefore(input, change)) ? null : wanted
  return hasTestParts(kind, change.path) || mayClaimTests(kind, change.path) ? partialEdit(input, change, kind) : null
}

async function partialEdit(input: RestoreInput, change: Change, kind: PathKind): Promise<TreeEdit | null> {
  const { mirror } = input
  const manifest = isRunnersManifest(change.path)
  const after = await textOf(mirror, change.oldMode, change.oldBlob)
  const candidate = await textOf(mirror, change.newMode, change.newBlob)
  if (manifest && change.oldBlob !== null && !isReadableManifest(change.path, candidate))
    return beforeEdit(input, change)
  // A manifest of the candidate's own keeps all but the runner's keys; other new files have no tests to be put back, at most some to be taken out.
  const isEmptied = change.oldBlob === null && (manifest || mayClaimTests(kind, change.path))
  const wanted = isEmptied ? (manifest ? emptyManifest(change.path) : '') : after
  if (wanted === null || candidate === null) return null
  const before = (await beforeOf(input, change.path))?.content.toString('utf8')
  const text = withTestParts(change.path, candidate, ...(before === undefined ? [] : [before]), wanted)
  return text === candidate ? null : { path: change.path, mode: change.newMode, blob: await writeBlob(mirror, text) }
}

/** A manifest that is gone, a link, or no JSON (a runner may be laxer than npm, and read it all the same): the before-state's stands in. */
async function beforeEdit(input: RestoreInput, change: Change): Promise<TreeEdit | null> {
  const before = await beforeOf(input, change.path)
  return before === null || before.id === change.newBlob
    ? null
    : { path: change.path, mode: change.oldMode, blob: before.id }
}

/** The kind from the split; else from the after-state's file; else, for what the candidate added, from its own. */
async function kindOf(
  { mirror, afterTree, candidateTree }: RestoreInput,
  change: Change,
  known: ReadonlyMap<string, PathKind>,
  tell: TellKind,
): Promise<PathKind> {
  const kind = known.get(change.path)
  if (kind !== undefined) return kind
  const text =
    change.oldBlob === null
      ? await textOf(mirror, change.newMode, change.newBlob)
      : await textOf(mirror, change.oldMode, change.oldBlob)
  // What the candidate says of files that were there before does not count.
  const tree = change.oldBlob === null ? candidateTree : afterTree
  const read = async (path: string) => (await mirror.objects.read(`${tree}:${path}`))?.content.toString('utf8') ?? null
  return declaredKind(change.path, tell(change.path, text), read)
}

async function isBefore(input: RestoreInput, change: Change): Promise<boolean> {
  return ((await beforeOf(input, change.path))?.id ?? null) === change.newBlob
}

async function beforeOf({ mirror, beforeTree }: RestoreInput, path: string): Promise<GitObject | null> {
  return mirror.objects.read(`${beforeTree}:${path}`)
}

/**
 * What the candidate put where a restored path needs a folder, and what it put below one that is to be a file: all of it goes. The
 * after-state, which has the restored paths, has none of these, so they are among the changes from it.
 */
function inTheWay(edits: readonly TreeEdit[], changes: readonly Change[]): TreeEdit[] {
  const edited = new Set(edits.map((edit) => edit.path))
  const wanted = new Set(edits.filter((edit) => edit.blob !== null).map((edit) => edit.path))
  const needed = new Set([...wanted].flatMap(foldersOf))
  return changes
    .filter(({ path, newBlob }) => newBlob !== null && !edited.has(path))
    .filter(({ path }) => needed.has(path) || foldersOf(path).some((folder) => wanted.has(folder)))
    .map(({ path }) => ({ path, mode: '000000', blob: null }))
}

function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
