import { Fault } from '../errors.ts'
import {
  applyToTree,
  buildTree,
  diffTrees,
  type Mirror,
  openTree,
  patchBetween,
  type TreeEdit,
  writeBlob,
} from '../git/index.ts'
import { statedKinds } from '../languages/index.ts'
import { type KindedChange, type Refused, refuse, type Snapshot } from '../model/index.ts'
import type { TestPaths } from '../test-frameworks/types.ts'
import { textOf } from './file-text.ts'
import { kindsOf } from './kinds.ts'
import { type Slide, slidPatch } from './slid-patch.ts'
import { hasTestParts, isTestKind, withTestParts } from './test-parts.ts'

interface SplitInput {
  readonly mirror: Mirror
  readonly baseCommit: string
  /** The merge's tree (or its commit). */
  readonly merge: string
  readonly testPaths: TestPaths
}

interface Sides {
  readonly test: readonly TreeEdit[]
  readonly fix: readonly TreeEdit[]
  readonly insideFiles: readonly string[]
}
interface Patches {
  readonly beforeTree: string
  readonly testPatch: Buffer
  readonly fixPatch: Buffer
  readonly fixTree: string
}

/**
 * Puts a pull's work back out: splits it into the test patch and the fix patch. Both apply on the base alone, and in either
 * order give the merge's tree: that is checked here by tree ids, so whoever gets a snapshot may rely on it.
 */
export async function splitChange(input: SplitInput): Promise<Snapshot | Refused> {
  const { mirror } = input
  const [base, after] = [await rootOf(mirror, input.baseCommit), await rootOf(mirror, input.merge)]
  const trees = { base: await openTree(mirror, base), after: await openTree(mirror, after) }
  const changes = await kindsOf(await diffTrees(mirror, base, after), trees.base, trees.after, input.testPaths)
  const { ignores } = statedKinds(input.testPaths.stated ?? null)
  const bare = missingKinds(changes.filter(({ path }) => !ignores(path)))
  if (bare !== null) return bare
  const patches = await firstThatHolds(mirror, base, after, changes)
  if ('refused' in patches) return patches
  if (patches.beforeTree === base) return refuse('no-test-change', countKinds(changes))
  if (patches.fixTree === base) return refuse('only-test-change', countKinds(changes))
  const { beforeTree, fixPatch, testPatch } = patches
  return { baseCommit: input.baseCommit, baseTree: base, beforeTree, afterTree: after, fixPatch, testPatch, changes }
}

/** Lines of context, or a slide over the blank lines around each block. */
type Cut = number | Slide

/**
 * How the test patch and the fix patch are cut: with git's own number of lines for context; with the least, for a test and a fix that stand close together in
 * one file; and so that the one keeps off the blank line which the other has for its context.
 */
const CUTS: readonly (readonly [test: Cut, fix: Cut])[] = [
  [3, 3],
  [1, 1],
  ['down', 'up'],
  ['up', 'down'],
  ['down', 'down'],
  ['up', 'up'],
]
/** More lines than any file has. */
const ALL_LINES = 10_000_000

/** A manifest whose runner's keys can't be parted from what is beside them stays whole with the fix. */
async function firstThatHolds(
  mirror: Mirror,
  base: string,
  after: string,
  changes: readonly KindedChange[],
): Promise<Patches | Refused> {
  const ways = [
    (change: KindedChange) => hasTestParts(change.kind, change.path),
    ({ kind }: KindedChange) => kind === 'mixed',
  ]
  let rejected = ''
  let insideFiles: readonly string[] = []
  for (const inside of ways) {
    const sides = await sidesOf(mirror, changes, inside)
    insideFiles = sides.insideFiles
    for (const cut of insideFiles.length === 0 ? CUTS.slice(0, 1) : CUTS) {
      const patches = await checked(mirror, base, after, sides, cut)
      if (!('rejected' in patches)) return patches
      rejected = patches.rejected
    }
    if (insideFiles.length === 0) return refuse('patch-does-not-apply', { rejected })
  }
  return refuse('split-failed', { files: insideFiles, rejected })
}

async function sidesOf(
  mirror: Mirror,
  changes: readonly KindedChange[],
  inside: (change: KindedChange) => boolean,
): Promise<Sides> {
  const test: TreeEdit[] = []
  const fix: TreeEdit[] = []
  const insideFiles: string[] = []
  for (const change of changes) {
    const halves = inside(change) ? await halvesOf(mirror, change) : null
    const whole = { path: change.path, mode: change.newMode, blob: change.newBlob }
    if (halves === null) (isTestKind(change.kind) ? test : fix).push(whole)
    if (halves?.test) test.push(halves.test)
    if (halves?.fix) fix.push(halves.fix)
    if (halves?.test && halves.fix) insideFiles.push(change.path)
  }
  return { test, fix, insideFiles }
}

/**
 * The two halves of a file that was there before and after. A new mixed file goes whole with the fix: its tests can't stand
 * without their code, and two patches can't both add one file.
 */
async function halvesOf(
  mirror: Mirror,
  change: KindedChange,
): Promise<{ test: TreeEdit | null; fix: TreeEdit | null } | null> {
  const base = await textOf(mirror, change.oldMode, change.oldBlob)
  const after = await textOf(mirror, change.newMode, change.newBlob)
  if (base === null || after === null) return null
  const before = withTestParts(change.path, base, after)
  const fixed = withTestParts(change.path, after, base)
  const modeChanged = change.oldMode !== change.newMode
  return {
    test: before === base ? null : { path: change.path, mode: change.oldMode, blob: await writeBlob(mirror, before) },
    fix:
      fixed === base && !modeChanged
        ? null
        : { path: change.path, mode: change.newMode, blob: await writeBlob(mirror, fixed) },
  }
}

/**
 * Builds both sides and proves that each patch applies on top of the other and gives the merge's tree. That each applies on the base
 * needs no proof: it was made from there.
 */
async function checked(
  mirror: Mirror,
  base: string,
  after: string,
  sides: Sides,
  [testCut, fixCut]: (typeof CUTS)[number],
): Promise<Patches | { rejected: string }> {
  const [beforeTree, fixTree] = await Promise.all([
    buildTree(mirror, base, sides.test),
    buildTree(mirror, base, sides.fix),
  ])
  const [testPatch, fixPatch] = await Promise.all([
    patchOf(mirror, base, beforeTree, testCut),
    patchOf(mirror, base, fixTree, fixCut),
  ])
  const proofs = await Promise.all([
    proof(mirror, beforeTree, fixPatch, after, 'the fix patch on the test patch'),
    proof(mirror, fixTree, testPatch, after, 'the test patch on the fix patch'),
  ])
  const broken = proofs.find((each) => each !== null)
  return broken ? { rejected: broken } : { beforeTree, fixTree, testPatch, fixPatch }
}

async function patchOf(mirror: Mirror, from: string, to: string, cut: Cut): Promise<Buffer> {
  if (typeof cut === 'number') return patchBetween(mirror, from, to, [], cut)
  return slidPatch(await patchBetween(mirror, from, to, [], ALL_LINES), cut)
}

async function proof(
  mirror: Mirror,
  tree: string,
  patch: Buffer,
  wanted: string,
  what: string,
): Promise<string | null> {
  const applied = await applyToTree(mirror, tree, patch)
  if ('rejected' in applied) return `${what}: ${applied.rejected}`
  return applied.tree === wanted ? null : `${what} gives another tree`
}

/** What the kinds alone say, before any tree is built. */
function missingKinds(changes: readonly KindedChange[]): Refused | null {
  if (!changes.some(({ kind, path }) => isTestKind(kind) || hasTestParts(kind, path)))
    return refuse('no-test-change', countKinds(changes))
  if (changes.every(({ kind }) => isTestKind(kind))) return refuse('only-test-change', countKinds(changes))
  return changes.some(({ kind }) => kind === 'source' || kind === 'mixed')
    ? null
    : refuse('no-source-change', countKinds(changes))
}

function countKinds(changes: readonly KindedChange[]): { kinds: Record<string, number> } {
  const kinds: Record<string, number> = {}
  for (const { kind } of changes) kinds[kind] = (kinds[kind] ?? 0) + 1
  return { kinds }
}

/** A commit's tree; a tree is its own. */
async function rootOf(mirror: Mirror, revision: string): Promise<string> {
  const tree = await mirror.objects.read(`${revision}^{tree}`)
  if (tree === null) throw new Fault('git', `the mirror has no commit ${revision}`)
  return tree.id
}
