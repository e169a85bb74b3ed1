import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { diffTrees, openMirror } from '../../src/git/index.ts'
import { verifyDiff } from '../../src/intake/index.ts'
import { makeRepository } from '../git/repository.ts'

it('tells a pull’s own diff from the merge’s file by file, whatever they are called and hold', async () => {
  const repository = makeRepository()
  const base = repository.commit('start', { 'src/link.js': 'a file\n' })
  const own = {
    'src/a b/c.js': 'x\n',
    'größe "q".js': 'y\n',
    'src/same.js': 'z\n',
    'src/c.bin': Buffer.from([0, 1]),
    'src/link.js': 'another\n',
  }
  const head = repository.commit('own', own)
  repository.git('reset', '--quiet', '--hard', base)
  const merged = { ...own, 'src/a b/c.js': 'X\n', 'größe "q".js': 'Y\n', 'src/c.bin': Buffer.from([0, 2]) }
  const merge = repository.commit('merged (#12)', merged)
  const mirror = openMirror(join(repository.folder, '.git'))
  const facts = { base, style: 'squash', changes: await diffTrees(mirror, base, merge) } as const
  const verdict = await verifyDiff(mirror, { pull: { head, mergeCommit: merge }, facts })
  await mirror.close()
  rmSync(repository.folder, { recursive: true })
  expect(verdict).toMatchObject({
    refused: 'diff-mismatch',
    evidence: { count: 3, paths: ['"gr\\303\\266\\303\\237e \\"q\\".js"', 'src/a b/c.js', 'src/c.bin'] },
  })
})
