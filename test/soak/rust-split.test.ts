import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openMirror } from '../../src/git/index.ts'
import { noTestPaths, splitChange } from '../../src/snapshot/index.ts'
import { tell } from '../tell.ts'
import { lookAtSplit } from './look-at-split.ts'

/** So many changes of Rust files of each repository are tried, the newest first. */
const most = Number(process.env.QUARRY_SPLITS ?? 150)

const scratch = mkdtempSync(join(tmpdir(), 'quarry-rust-split-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: folder, maxBuffer: 1 << 28 })
    .toString()
    .trim()
}

/** Bare or not, the clones in `QUARRY_CLONES` that have a Cargo.toml. */
function rustClones(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => {
    const isClone = ['HEAD', '.git'].some((inner) => existsSync(join(folder, name, inner)))
    return isClone && /(?:^|\/)Cargo\.toml$/m.test(git(join(folder, name), 'ls-tree', '-r', '--name-only', 'HEAD'))
  })
}

/** Splits one change after the other, and looks at each split. */
async function splitAll(clone: string) {
  const mirror = openMirror(clone)
  const merges = git(clone, 'log', '--first-parent', '--format=%H %P', `-n${most}`, 'HEAD', '--', '*.rs').split('\n')
  const sums = { tried: 0, split: 0, insideFiles: 0, fixLines: 0, testLines: 0 }
  const refused: Record<string, number> = {}
  const failed: string[] = []
  const wrong: string[] = []
  for (const line of merges) {
    const [merge = '', baseCommit] = line.split(' ')
    if (baseCommit === undefined) continue
    sums.tried += 1
    const outcome = await splitChange({ mirror, baseCommit, merge, testPaths: noTestPaths })
    if ('refused' in outcome) {
      refused[outcome.refused] = (refused[outcome.refused] ?? 0) + 1
      if (outcome.refused === 'split-failed') failed.push(`${merge.slice(0, 10)} ${JSON.stringify(outcome.evidence)}`)
      continue
    }
    const looked = await lookAtSplit(mirror, outcome)
    sums.split += 1
    wrong.push(...looked.wrong.map((what) => `${merge.slice(0, 10)} ${what}`))
    if (looked.fix === 0 || looked.test === 0) continue
    sums.insideFiles += 1
    sums.fixLines += looked.fix
    sums.testLines += looked.test
  }
  await mirror.close()
  return { sums, refused, failed, wrong }
}

const folder = process.env.QUARRY_CLONES ?? ''
const clones = folder === '' ? [] : rustClones(folder)
if (clones.length === 0) tell('no real change of Rust is split: name a folder of clones in QUARRY_CLONES')

describe.skipIf(clones.length === 0)('real changes of Rust files with tests inside', () => {
  test.each(clones)('%s: neither patch holds a line of the other, and both together are the change', async (name) => {
    const clone = join(scratch, name)
    // Its objects stay where they are, and ours do not come to them.
    git(scratch, 'clone', '--quiet', '--bare', '--shared', join(folder, name), clone)
    const { sums, refused, failed, wrong } = await splitAll(clone)
    tell(`${name}: ${JSON.stringify({ ...sums, refused })}`)
    for (const line of failed) tell(`  split-failed ${line.slice(0, 400)}`)
    expect(wrong).toEqual([])
    expect(sums.split).toBeGreaterThan(0)
  })
})
