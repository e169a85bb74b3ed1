import { isCode, isSupported, kindByPath, statedKinds } from '../src/languages/index.ts'
import { type Change, type Evidence, type MergedPull, type PathKind, type Refused, refuse } from '../src/model/index.ts'
import type { ChangeSize, Miner, MinerContext, Proposed } from './types.ts'

/**
 * Beyond these a pull is no single task. Support files are counted in `paths` only: one snapshot update can touch hundreds of lines.
 * (SWE-bench-like sets have a median fix of one or two files; the limits leave out only the bulk edits.)
 */
export const LIMITS = { paths: 300, sourceFiles: 50, sourceLines: 2000, testLines: 10_000 } as const

/** A merged pull that closes an issue and changes both source and tests. */
export const linkedPull: Miner = {
  name: 'linked-pull',
  title: 'Merged pulls that close an issue and change both source and tests',
  async propose(context) {
    const { pull } = context
    if (isBot(pull.user)) return refuse('bot', { login: pull.user?.login })
    if (pull.closes.length === 0) return refuse('no-linked-issue')
    const backport = backportSign(pull)
    if (backport !== null) return refuse('backport', { sign: backport })
    if (!isReleased(pull.baseRef, context.defaultBranch)) return refuse('not-a-release-branch', { base: pull.baseRef })
    if (context.revertedBy !== null) return refuse('later-reverted', { by: context.revertedBy })
    return (await refuseForPaths(context)) ?? (await refuseForSizes(context)) ?? propose(context)
  },
}

function propose(context: MinerContext): Proposed {
  const { pull, base } = context
  return { proposed: { base, after: pull.mergeCommit, evidence: { closes: pull.closes, kinds: countKinds(context) } } }
}

type TellKind = (path: string) => PathKind

/** By convention, and above it by what the owners say. */
function kindsOf({ statedPaths }: MinerContext): TellKind {
  const { kindOf } = statedKinds(statedPaths ?? null)
  return (path) => kindOf(path, kindByPath(path))
}

/** By account type, by GitHub's `[bot]` suffix, and by the names of well-known services that run as ordinary users. */
function isBot(user: MergedPull['user']): boolean {
  if (user === null) return false
  return user.type === 'Bot' || /\[bot\]$/i.test(user.login) || SERVICE.test(user.login)
}

const SERVICE =
  /^(?:app\/.+|(?:dependabot|renovate|greenkeeper|snyk|pyup|depfu|imgbot|whitesource|mend|allcontributors|semantic-release|release-please|github-actions|pre-commit-ci|weblate|crowdin)(?:-?(?:bot|ci|app|preview|io|io-bot))*)$/i

/** What says that the work was done elsewhere before, and only carried over. */
function backportSign({ title, body, labels }: MergedPull): string | null {
  if (/\b(?:back|forward)[- ]?port(?:s|ed|ing)?\b/i.test(title)) return title
  const label = labels.find((name) => /^(?:type[:/ ]*)?(?:is[:-])?backport(?:ed)?$/i.test(name))
  if (label !== undefined) return `label ${label}`
  const [line] =
    /^\s*(?:\(cherry picked from commit [0-9a-f]{7,40}\)|(?:back|cherry-)port(?:s|ed)? (?:of|from) \S+).*$/im.exec(
      body,
    ) ?? []
  return line?.trim() ?? null
}

/** The default branch, its usual other names, and branches that releases are made from; an unknown base counts as the default. */
function isReleased(baseRef: string | null, defaultBranch: string): boolean {
  if (baseRef === null || baseRef === defaultBranch) return true
  return /^(?:main|master|trunk|dev|develop|next|canary|beta|alpha|stable|latest|v?\d+(?:\.(?:\d+|x))*(?:[-.]?(?:x|dev|stable|lts|maint\w*))?|(?:release|releases|rel|stable|maint|maintenance|support|lts|version)(?:[-/_.].+)?|.+[-/](?:stable|lts|maintenance))$/i.test(
    baseRef,
  )
}

const SUBMODULE = '160000'

async function refuseForPaths(context: MinerContext): Promise<Refused | null> {
  const { changes, mixedPaths } = context
  const kindOf = kindsOf(context)
  const { ignores } = statedKinds(context.statedPaths ?? null)
  const submodule = changes.find(({ oldMode, newMode }) => oldMode === SUBMODULE || newMode === SUBMODULE)
  if (submodule !== undefined) return refuse('submodule-change', { path: submodule.path })
  const kinded = changes
    .filter(({ path }) => !ignores(path))
    .map((change) => ({ ...change, kind: kindOf(change.path) }))
  const has = (...kinds: readonly PathKind[]) => kinded.some(({ kind }) => kinds.includes(kind))
  const source = kinded.filter(({ kind, path }) => kind === 'source' && isCode(path))
  const tests = has('test', 'test-support')
  const evidence = { kinds: countKinds(context) }
  if (source.length === 0) return refuse(onlyTests(kinded) ? 'only-test-change' : 'no-source-change', evidence)
  if (!source.some(({ path }) => isSupported(path))) return refuse('unsupported-language', { paths: sample(source) })
  if (tests || (await mixedPaths()).some((path) => !ignores(path))) return null
  return refuse('no-test-change', evidence)
}

/** Tests, and at most words about them. */
function onlyTests(changes: readonly { readonly kind: PathKind }[]): boolean {
  const rest = changes.filter(({ kind }) => kind !== 'docs' && kind !== 'changelog')
  return rest.length > 0 && rest.every(({ kind }) => kind === 'test' || kind === 'test-support')
}

async function refuseForSizes(context: MinerContext): Promise<Refused | null> {
  const { changes, sizes } = context
  const kindOf = kindsOf(context)
  if (changes.length > LIMITS.paths) return tooLarge('paths', changes.length)
  const source = changes.filter(({ path }) => kindOf(path) === 'source')
  const code = source.filter(({ path }) => isCode(path))
  if (code.length > LIMITS.sourceFiles) return tooLarge('sourceFiles', code.length)
  const size = await sizes()
  const binary = source.find(({ path, newBlob }) => newBlob !== null && size.get(path) === null)
  if (binary !== undefined) return refuse('binary-source-change', { path: binary.path })
  const sourceLines = linesOf(code, size)
  if (sourceLines > LIMITS.sourceLines) return tooLarge('sourceLines', sourceLines)
  const testLines = linesOf(
    changes.filter(({ path }) => kindOf(path) === 'test'),
    size,
  )
  return testLines > LIMITS.testLines ? tooLarge('testLines', testLines) : null
}

function linesOf(changes: readonly Change[], sizes: ReadonlyMap<string, ChangeSize>): number {
  return changes.reduce((sum, { path }) => sum + (sizes.get(path)?.added ?? 0) + (sizes.get(path)?.deleted ?? 0), 0)
}

function tooLarge(what: keyof typeof LIMITS, count: number): Refused {
  return refuse('too-large', { what, count, limit: LIMITS[what] })
}

function countKinds(context: MinerContext): Evidence {
  const kindOf = kindsOf(context)
  const counts: Partial<Record<PathKind, number>> = {}
  for (const { path } of context.changes) {
    const kind = kindOf(path)
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

function sample(changes: readonly Change[]): string[] {
  return changes.slice(0, 5).map(({ path }) => path)
}
