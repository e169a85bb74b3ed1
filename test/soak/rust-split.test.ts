import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openMirror } from '../../src/git/index.ts'
import type { Snapshot } from '../../src/model/index.ts'
import { noTestPaths, splitChange } from '../../src/snapshot/index.ts'
import { tell } from '../tell.ts'
import { kindsOfLines } from './rust-lines.ts'

/** How many changes of Rust files of each repository are tried, the newest first. */
const MOST = Number(process.env.QUARRY_SPLITS ?? 300)

const scratch = mkdtempSync(join(tmpdir(), 'quarry-rust-split-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Bare or not, the clones in `QUARRY_CLONES` that have a Cargo.toml. */
function rustClones(folder: string | undefined): readonly string[] {
  if (folder === undefined) return []
  return readdirSync(folder).filter((name) => {
    const clone = join(folder, name)
    if (!existsSync(join(clone, 'HEAD')) && !existsSync(join(clone, '.git'))) return false
    return git(clone, ['ls-tree', '-r', '--name-only', 'HEAD'])
      .split('\n')
      .some((path) => /(?:^|\/)Cargo\.toml$/.test(path))
  })
}

function git(
  folder: string,
  args: readonly string[],
  given: { input?: Buffer; env?: Record<string, string> } = {},
): string {
  const env = { ...process.env, ...given.env }
  return execFileSync('git', args, { cwd: folder, env, input: given.input, encoding: 'utf8', maxBuffer: 1 << 29 })
}

/** Git's own `apply`, each on the one before, from a tree to a tree. */
function applied(folder: string, tree: string, patches: readonly Buffer[]): string {
  const env = { GIT_INDEX_FILE: join(scratch, 'index') }
  git(folder, ['read-tree', tree], { env })
  for (const input of patches) git(folder, ['apply', '--cached', '--whitespace=nowarn', '-'], { env, input })
  return git(folder, ['write-tree'], { env }).trim()
}

interface ChangedLine {
  readonly path: string
  readonly isOld: boolean
  /** Counted from 0 in the file of that side. */
  readonly line: number
  readonly text: string
}

function changedLines(patch: Buffer): readonly ChangedLine[] {
  const found: ChangedLine[] = []
  let [path, from, to, left] = ['', 0, 0, 0]
  for (const text of patch.toString().split('\n')) {
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(text)
    if (hunk !== null && left === 0) {
      const [, oldStart, oldCount = '1', newStart, newCount = '1'] = hunk
      ;[from, to, left] = [Number(oldStart) - 1, Number(newStart) - 1, Number(oldCount) + Number(newCount)]
    } else if (left === 0) path = /^diff --git a\/.* b\/(?<path>.*)$/.exec(text)?.groups?.path ?? path
    else if (text.startsWith('-') || text.startsWith('+')) {
      const isOld = text.startsWith('-')
      found.push({ path, isOld, line: isOld ? from : to, text: text.slice(1) })
      if (isOld) from += 1
      else to += 1
      left -= 1
    } else if (!text.startsWith('\\')) {
      ;[from, to, left] = [from + 1, to + 1, left - 2]
    }
  }
  return found
}

/** The lines of one kind in a file, blanks around them left out; those of code in their order, those of tests in any. */
function linesOf(source: string, kind: 'test' | 'code'): readonly string[] {
  const kinds = kindsOfLines(source)
  const lines = source.split('\n').filter((_, at) => kinds[at] === kind)
  return (kind === 'code' ? lines : lines.toSorted()).map((line) => line.trim())
}

interface Looked {
  /** What is not as it should be. */
  readonly wrong: readonly string[]
  /** Changed lines of files of code that hold tests, in each patch. */
  readonly fix: number
  readonly test: number
}

/** Holds a split to what it promises, by git's own means and by syntax trees that the splitter knows nothing of. */
function look(folder: string, snapshot: Snapshot): Looked {
  const { baseTree, beforeTree, afterTree, fixPatch, testPatch, changes } = snapshot
  const wrong: string[] = []
  const fixedTree = applied(folder, baseTree, [fixPatch])
  if (applied(folder, baseTree, [testPatch]) !== beforeTree) wrong.push('the test patch does not give the before-state')
  if (applied(folder, baseTree, [fixPatch, testPatch]) !== afterTree) wrong.push('fix, then test: not the merge')
  if (applied(folder, baseTree, [testPatch, fixPatch]) !== afterTree) wrong.push('test, then fix: not the merge')
  const read = (tree: string, path: string) => git(folder, ['show', `${tree}:${path}`])
  const shared = changes.filter(
    ({ path, kind, oldBlob, newBlob }) =>
      path.endsWith('.rs') && kind !== 'test' && kind !== 'test-support' && oldBlob && newBlob,
  )
  const paths = new Set(shared.map(({ path }) => path))
  const counts = { fix: 0, test: 0 }
  for (const [name, patch, tree, others] of [
    ['fix', fixPatch, fixedTree, 'test'],
    ['test', testPatch, beforeTree, 'code'],
  ] as const) {
    const kinds = new Map<string, ReturnType<typeof kindsOfLines>>()
    const kindAt = ({ path, isOld, line }: ChangedLine) => {
      const id = `${isOld ? baseTree : tree}:${path}`
      const known = kinds.get(id) ?? kindsOfLines(read(isOld ? baseTree : tree, path))
      kinds.set(id, known)
      return known[line]
    }
    for (const changed of changedLines(patch)) {
      if (!paths.has(changed.path)) continue
      counts[name] += 1
      if (kindAt(changed) === others)
        wrong.push(`${name} patch, ${changed.path}:${changed.line + 1} ${changed.isOld ? '-' : '+'}${changed.text}`)
    }
  }
  for (const path of paths) {
    const [base, before, fixed, after] = [baseTree, beforeTree, fixedTree, afterTree].map((tree) => read(tree, path))
    const same = (one = '', other = '', kind: 'test' | 'code') =>
      JSON.stringify(linesOf(one, kind)) === JSON.stringify(linesOf(other, kind))
    if (!same(before, base, 'code')) wrong.push(`${path}: the test patch changes code`)
    if (!same(before, after, 'test')) wrong.push(`${path}: the test patch does not bring the tests`)
    if (!same(fixed, after, 'code')) wrong.push(`${path}: the fix patch does not bring the code`)
    if (!same(fixed, base, 'test')) wrong.push(`${path}: the fix patch changes tests`)
  }
  return { wrong, ...counts }
}

const folder = process.env.QUARRY_CLONES
const clones = rustClones(folder)
if (clones.length === 0) tell('no real change of Rust is split: name a folder of clones in QUARRY_CLONES')

describe.skipIf(clones.length === 0)('real changes of Rust files with tests inside', () => {
  test.each(clones)('%s: neither patch holds a line of the other, and both together are the change', async (name) => {
    const clone = join(scratch, name)
    git(scratch, ['clone', '--quiet', '--bare', '--shared', join(folder ?? '', name), clone])
    const mirror = openMirror(clone)
    const merges = git(clone, [
      'log',
      '--first-parent',
      '--min-parents=1',
      '--format=%H',
      `-n${MOST}`,
      'HEAD',
      '--',
      '*.rs',
    ])
      .trim()
      .split('\n')
    const refused: Record<string, number> = {}
    const failed: string[] = []
    const wrong: string[] = []
    const sums = { tried: 0, split: 0, insideFiles: 0, fixLines: 0, testLines: 0 }
    for (const merge of merges) {
      sums.tried += 1
      const baseCommit = git(clone, ['rev-parse', `${merge}^1`]).trim()
      const outcome = await splitChange({ mirror, baseCommit, merge, testPaths: noTestPaths })
      if ('refused' in outcome) {
        refused[outcome.refused] = (refused[outcome.refused] ?? 0) + 1
        if (outcome.refused === 'split-failed') failed.push(`${merge.slice(0, 10)} ${JSON.stringify(outcome.evidence)}`)
        continue
      }
      const looked = look(clone, outcome)
      sums.split += 1
      if (looked.fix > 0 && looked.test > 0) {
        sums.insideFiles += 1
        sums.fixLines += looked.fix
        sums.testLines += looked.test
      }
      wrong.push(...looked.wrong.map((line) => `${merge.slice(0, 10)} ${line}`))
    }
    await mirror.close()
    tell(`${name}: ${JSON.stringify({ ...sums, refused })}`)
    for (const line of failed) tell(`  split-failed ${line.slice(0, 400)}`)
    expect(wrong).toEqual([])
    expect(sums.split).toBeGreaterThan(0)
  })
})
