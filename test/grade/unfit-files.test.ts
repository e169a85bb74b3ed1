import { afterAll, expect, test } from 'vitest'
import { applyAndCompare, applyToTree } from '../../src/git/index.ts'
import { unfitFiles } from '../../src/grade/unfit-files.ts'
import { emptyMirror, treeOf } from '../snapshot/sample.ts'

const mirror = await emptyMirror(afterAll)

const adding = (path: string) =>
  `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`

async function unfit(text: string, mostBytes?: number): Promise<string | null> {
  const baseTree = await treeOf(mirror, { 'src/a.js': '0123456789' })
  const patch = Buffer.from(text)
  const applied = await applyAndCompare(mirror, baseTree, patch, baseTree)
  return 'rejected' in applied ? expect.fail(applied.rejected) : unfitFiles(mirror, { patch, ...applied }, mostBytes)
}

test.each([
  ['a name of 255 bytes', 'x'.repeat(255), null],
  ['a name of 256', `src/${'x'.repeat(256)}`, 'names are too long: '],
  ['a folder of 256', `${'x'.repeat(256)}/a`, 'names are too long: '],
  ['a path that no system call takes', `${'a/'.repeat(2500)}x`, 'names are too long: '],
])('%s', async (_, path, said) => {
  const told = await unfit(adding(path))
  expect(said === null ? told : told?.startsWith(said)).toBe(said === null ? null : true)
})

test('a patch of few bytes that brings many files', async () => {
  const copy = (to: string) =>
    `diff --git a/src/a.js b/${to}\nsimilarity index 100%\ncopy from src/a.js\ncopy to ${to}\n`
  expect(await unfit(['b', 'c', 'd'].map(copy).join(''), 29)).toBe('its files have 30 bytes: more than 29')
  expect(await unfit(['b', 'c', 'd'].map(copy).join(''), 30)).toBeNull()
})

test('a file that says it is larger than the memory is not unpacked', async () => {
  const patch = `diff --git a/b b/b\nnew file mode 100644\nindex ${'0'.repeat(40)}..${'1'.repeat(40)}\nGIT binary patch\nliteral ${2 ** 30}\nKcmZQzU|?Wi00961\n\nliteral 0\nHcmV?d00001\n\n`
  const applied = await applyToTree(mirror, await treeOf(mirror, { a: '' }), Buffer.from(patch))
  expect(applied).toEqual({ rejected: expect.stringMatching(/attempting to allocate/) })
})
