import { afterAll, expect, test } from 'vitest'
import { applyToTree } from '../../src/git/index.ts'
import { leadsOut, outwardLinks } from '../../src/grade/outward-links.ts'
import { emptyMirror, treeOf } from '../snapshot/sample.ts'

const mirror = await emptyMirror(afterAll)

test.each([
  ['link', '/etc/passwd', true],
  ['link', '..', true],
  ['a/link', '../..', true],
  ['a/link', '../../other', true],
  ['a/link', 'b/../../../other', true],
  ['a/link', '../.git/config', true],
  ['a/link', '../b', false],
  ['a/link', '.', false],
  ['link', 'a..b', false],
])('whether %s -> %s leads out: %s', (path, target, out) => {
  expect(leadsOut(path, target)).toBe(out)
})

const linking = (path: string, target: string) =>
  Buffer.from(
    `diff --git a/${path} b/${path}\nnew file mode 120000\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${target}\n\\ No newline at end of file\n`,
  )

test('a patch brings links out of the tree only where the fix brings the same', async () => {
  const baseTree = await treeOf(mirror, { 'src/a.js': '1\n' })
  const applied = async (patch: Buffer) => {
    const result = await applyToTree(mirror, baseTree, patch)
    return 'rejected' in result ? expect.fail(result.rejected) : result.tree
  }
  const out = linking('src/out', '../../etc')
  const tree = await applied(out)
  expect(await outwardLinks(mirror, { patch: out, baseTree, afterTree: baseTree, tree })).toEqual([
    'src/out -> ../../etc',
  ])
  expect(await outwardLinks(mirror, { patch: out, baseTree, afterTree: tree, tree })).toEqual([])
  const inside = linking('src/in', 'a.js')
  const insideTree = await applied(inside)
  expect(await outwardLinks(mirror, { patch: inside, baseTree, afterTree: baseTree, tree: insideTree })).toEqual([])
})
