import picomatch from 'picomatch'
import { isTestName, kindByPath, statedKinds, syntaxOf } from '../languages/index.ts'
import type { Change, KindedChange, PathKind, TreeReader } from '../model/index.ts'
import type { TestPaths } from '../test-frameworks/types.ts'
import { usedOnlyByTests } from './test-users.ts'

/** Says what a file is for, by its owners' word, by convention, by the frameworks' configuration and by its syntax. `text` is null where it has none. */
export type TellKind = (path: string, text: string | null) => PathKind

/** Nothing beyond the frameworks' defaults. */
export const noTestPaths: TestPaths = { tests: [], support: [], configuration: [] }

/** The frameworks' word goes above convention; these kinds alone are beyond it. */
const settled = new Set<PathKind>(['manifest', 'lockfile', 'ci', 'changelog', 'vendored', 'generated'])

/** Written for people; anything else among the docs and examples may be what a test reads. */
const prose = /\.(?:md|mdx|markdown|rst|adoc|html)$|(?:^|\/)[^./]+$/i

export function tellKinds(testPaths: TestPaths): TellKind {
  const tests = matcher(testPaths.tests)
  const support = matcher([...testPaths.support, ...testPaths.configuration])
  const stated = statedKinds(testPaths.stated ?? null)
  const tell: TellKind = (path, text) => {
    const kind = kindByPath(path)
    if (settled.has(kind)) return kind
    if (support(path)) return 'test-support'
    if (kind === 'test') return tests(path) || isTestName(path) || definesTests(path, text) ? 'test' : 'test-support'
    if (kind === 'test-support') return kind
    if (tests(path)) return kindOfCode(path, text) === 'mixed' ? 'mixed' : 'test'
    return kind === 'docs' ? kind : kindOfCode(path, text)
  }
  return (path, text) => stated.kindOf(path, tell(path, text))
}

/**
 * The kinds of all changed paths. Beside what `tellKinds` sees in the file itself: one that was or becomes a mixture of code
 * and tests is `mixed`, and one that only tests use is `test-support`.
 */
export async function kindsOf(
  changes: readonly Change[],
  base: TreeReader,
  after: TreeReader,
  testPaths: TestPaths,
): Promise<KindedChange[]> {
  const tell = tellKinds(testPaths)
  const kinded: KindedChange[] = []
  for (const change of changes) {
    const kind = await kindInBoth(change.path, base, after, tell)
    const tree = after.has(change.path) ? after : base
    kinded.push({ ...change, kind: await declaredKind(change.path, kind, (path) => tree.read(path)) })
  }
  const doubtful = kinded
    .filter(({ kind, path }) => kind === 'source' || (kind === 'docs' && !prose.test(path)))
    .map(({ path }) => path)
  const support = await usedOnlyByTests(doubtful, base, after, tell)
  return kinded.map((change) => (support.has(change.path) ? { ...change, kind: 'test-support' } : change))
}

/** A file that its parent declares a part of tests alone is theirs wherever it lies; `kind`, where nothing says so. */
export async function declaredKind(
  path: string,
  kind: PathKind,
  read: (path: string) => Promise<string | null>,
): Promise<PathKind> {
  if (kind !== 'source' && kind !== 'mixed') return kind
  const isForTests = (await syntaxOf(path)?.isForTests?.(path, read)) ?? false
  if (!isForTests) return kind
  return kind === 'mixed' ? 'test' : 'test-support'
}

async function kindInBoth(path: string, base: TreeReader, after: TreeReader, tell: TellKind): Promise<PathKind> {
  const texts =
    syntaxOf(path) === null ? [null] : [await after.read(path), await base.read(path)].filter((text) => text !== null)
  const kinds = new Set(texts.map((text) => tell(path, text)))
  const [first, ...others] = kinds
  if (first === undefined) return tell(path, null)
  if (others.length === 0) return first
  return kinds.has('mixed') || kinds.has('source') ? 'mixed' : first
}

function kindOfCode(path: string, text: string | null): PathKind {
  const language = syntaxOf(path)
  if (language === null || text === null || language.testItems(text).length === 0) return 'source'
  return language.isTestFile(text) ? 'test' : 'mixed'
}

/** A file that can't be looked into keeps the kind that its place gives it. */
function definesTests(path: string, text: string | null): boolean {
  const language = syntaxOf(path)
  return language === null || text === null || language.testItems(text).length > 0
}

function matcher(globs: readonly string[]): (path: string) => boolean {
  return globs.length === 0 ? () => false : picomatch([...globs], { dot: true })
}
