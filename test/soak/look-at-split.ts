import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Mirror } from '../../src/git/index.ts'
import type { Snapshot } from '../../src/model/index.ts'
import { type ChangedLine, changedLines } from './changed-lines.ts'
import { kindsOfLines, type LineKind } from './rust-lines.ts'

/** What was seen of one split. */
export interface Looked {
  /** What is not as it should be. */
  readonly wrong: readonly string[]
  /** Changed lines of the Rust files that are neither the fix's nor the tests' as a whole, in each patch. */
  readonly fix: number
  readonly test: number
}

type Read = (tree: string, path: string) => Promise<string>

/** Holds a split to what it promises, by git's own means and by syntax trees that the splitter knows nothing of. */
export async function lookAtSplit(mirror: Mirror, snapshot: Snapshot): Promise<Looked> {
  const { baseTree, beforeTree, afterTree, fixPatch, testPatch, changes } = snapshot
  const read: Read = async (tree, path) =>
    (await mirror.objects.read(`${tree}:${path}`))?.content.toString('utf8') ?? ''
  const fixedTree = applied(mirror.folder, baseTree, [fixPatch])
  const states = { base: baseTree, before: beforeTree, fixed: fixedTree, after: afterTree }
  const inside = changes.filter(
    ({ path, kind, oldBlob, newBlob }) =>
      path.endsWith('.rs') && !/^test/.test(kind) && oldBlob !== null && newBlob !== null,
  )
  const paths = inside.map(({ path }) => path)
  const lines = (patch: Buffer) => changedLines(patch).filter(({ path }) => paths.includes(path))
  const [ofFix, ofTest] = [lines(fixPatch), lines(testPatch)]
  const wrong = [
    ...orders(mirror.folder, snapshot),
    ...(await strangers(read, ofFix, { base: baseTree, made: fixedTree }, 'test')),
    ...(await strangers(read, ofTest, { base: baseTree, made: beforeTree }, 'code')),
  ]
  for (const path of paths) wrong.push(...(await unkept(read, path, states)))
  return { wrong, fix: ofFix.length, test: ofTest.length }
}

/** In either order both patches give the merge. */
function orders(folder: string, { baseTree, beforeTree, afterTree, fixPatch, testPatch }: Snapshot): string[] {
  const wrong: string[] = []
  const gives = (patches: readonly Buffer[], tree: string, what: string) => {
    if (applied(folder, baseTree, patches) !== tree) wrong.push(what)
  }
  gives([testPatch], beforeTree, 'the test patch does not give the before-state')
  gives([fixPatch, testPatch], afterTree, 'the fix, then the tests: not the merge')
  gives([testPatch, fixPatch], afterTree, 'the tests, then the fix: not the merge')
  return wrong
}

/** Git's own `apply`, each patch on the one before, from a tree to a tree. */
function applied(folder: string, tree: string, patches: readonly Buffer[]): string {
  const env = { ...process.env, GIT_DIR: folder, GIT_INDEX_FILE: join(folder, 'index-of-the-test') }
  const git = (args: readonly string[], input: Buffer | string = '') =>
    execFileSync('git', args, { cwd: folder, env, input }).toString().trim()
  git(['read-tree', tree])
  for (const patch of patches) git(['apply', '--cached', '--whitespace=nowarn', '-'], patch)
  return git(['write-tree'])
}

/** Lines of a patch that are the other one's beyond doubt, in the file that they are taken from or come to. */
async function strangers(
  read: Read,
  lines: readonly ChangedLine[],
  trees: { readonly base: string; readonly made: string },
  others: LineKind,
): Promise<string[]> {
  const kinds = new Map<string, readonly LineKind[]>()
  const wrong: string[] = []
  for (const { path, isOld, line, text } of lines) {
    const tree = isOld ? trees.base : trees.made
    const known = kinds.get(`${tree}:${path}`) ?? kindsOfLines(await read(tree, path))
    kinds.set(`${tree}:${path}`, known)
    if (known[line] === others)
      wrong.push(`a line of ${others} in the other patch: ${path}:${line + 1} ${isOld ? '-' : '+'}${text}`)
  }
  return wrong
}

/** Each state has the code of the one and the tests of the other, whole. */
async function unkept(
  read: Read,
  path: string,
  trees: Readonly<Record<'base' | 'before' | 'fixed' | 'after', string>>,
): Promise<string[]> {
  const wrong: string[] = []
  const same = async (one: keyof typeof trees, other: keyof typeof trees, kind: 'code' | 'test') => {
    const [first, second] = [linesOf(await read(trees[one], path), kind), linesOf(await read(trees[other], path), kind)]
    if (first !== second) wrong.push(`${path}: the ${one}-state has other lines of ${kind} than the ${other}-state`)
  }
  await same('before', 'base', 'code')
  await same('before', 'after', 'test')
  await same('fixed', 'after', 'code')
  await same('fixed', 'base', 'test')
  return wrong
}

/** The lines of one kind: those of code in their order, those of tests in any. */
function linesOf(source: string, kind: 'test' | 'code'): string {
  const kinds = kindsOfLines(source)
  const lines = source.split('\n').filter((_, at) => kinds[at] === kind)
  return (kind === 'code' ? lines : lines.toSorted()).map((line) => line.trim()).join('\n')
}
