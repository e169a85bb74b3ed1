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
import { type KindedChange, type Refused, refuse, type Snapshot } from '../model/index.ts'
import type { TestPaths } from '../test-frameworks/types.ts'
import { textOf } from './file-text.ts'
import { kindsOf } from './kinds.ts'
import { hasTestParts, isTestKind, withTestParts } from './test-parts.ts'

export interface SplitInput {
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
  const patches = await firstThatHolds(mirror, base, after, changes)
  if ('refused' in patches) return patches
  const refusal = emptySide(changes, base, patches)
  if (refusal !== null) return refusal
  const { beforeTree, fixPatch, testPatch } = patches
  return { baseCommit: input.baseCommit, baseTree: base, beforeTree, afterTree: after, fixPatch, testPatch, changes }
}

/** A manifest whose runner's keys can't be parted from what is beside them stays whole with the fix. */
async function firstThatHolds(
  mirror: Mirror,
  base: string,
  after: string,
  changes: readonly KindedChange[],
): Promise<Patches | Refused> {
  const parted = await sidesOf(mirror, changes, (change) => hasTestParts(change.kind, change.path))
  const patches = await checked(mirror, base, after, parted)
  if ('rejected' in patches && parted.insideFiles.length > 0) {
    const coarse = await sidesOf(mirror, changes, (change) => change.kind === 'mixed')
    const second = await checked(mirror, base, after, coarse)
    if (!('rejected' in second)) return second
    return refuse('split-failed', { files: coarse.insideFiles, rejected: second.rejected })
  }
  return 'rejected' in patches ? refuse('patch-does-not-apply', { rejected: patches.rejected }) : patches
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
): Promise<Patches | { rejected: string }> {
  const [beforeTree, fixTree] = await Promise.all([
    buildTree(mirror, base, sides.test),
    buildTree(mirror, base, sides.fix),
  ])
  const [testPatch, fixPatch] = await Promise.all([
    patchBetween(mirror, base, beforeTree),
    patchBetween(mirror, base, fixTree),
  ])
  const proofs = await Promise.all([
    proof(mirror, beforeTree, fixPatch, after, 'the fix patch on the test patch'),
    proof(mirror, fixTree, testPatch, after, 'the test patch on the fix patch'),
  ])
  const broken = proofs.find((each) => each !== null)
  return broken ? { rejected: broken } : { beforeTree, fixTree, testPatch, fixPatch }
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

function emptySide(changes: readonly KindedChange[], base: string, patches: Patches): Refused | null {
  const kinds: Record<string, number> = {}
  for (const { kind } of changes) kinds[kind] = (kinds[kind] ?? 0) + 1
  if (patches.beforeTree === base) return refuse('no-test-change', { kinds })
  if (patches.fixTree === base) return refuse('only-test-change', { kinds })
  return changes.some(({ kind }) => kind === 'source' || kind === 'mixed')
    ? null
    : refuse('no-source-change', { kinds })
}

/** A commit's tree; a tree is its own. */
async function rootOf(mirror: Mirror, revision: string): Promise<string> {
  const tree = await mirror.objects.read(`${revision}^{tree}`)
  if (tree === null) throw new Fault('git', `the mirror has no commit ${revision}`)
  return tree.id
}
