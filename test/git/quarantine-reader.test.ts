import { expect, test } from 'vitest'
import { applyToTree, openMirror, openQuarantine, resolveRevision, writeBlob } from '../../src/git/index.ts'
import { makeRepository } from './repository.ts'

test('a quarantine reads what is its own, what is the mirror’s, and paths in the trees of both', async () => {
  const repository = makeRepository()
  repository.write({ 'a/b.txt': 'old\n', 'c.txt': 'same\n' })
  const commit = repository.commit('one')
  const mirror = openMirror(`${repository.folder}/.git`)
  const quarantine = await openQuarantine(mirror)
  const tree = (await resolveRevision(mirror, `${commit}^{tree}`)) ?? expect.fail()
  const patch = '--- a/a/b.txt\n+++ b/a/b.txt\n@@ -1 +1 @@\n-old\n+new\n'
  const applied = await applyToTree(quarantine, tree, Buffer.from(patch))
  const made = 'tree' in applied ? applied.tree : expect.fail()
  const large = Buffer.alloc(3 * 1024 * 1024, 'ü')
  const blob = await writeBlob(quarantine, large)
  const text = async (name: string) => (await quarantine.objects.read(name))?.content.toString()

  expect(await text(`${tree}:a/b.txt`)).toBe('old\n')
  expect(await text(`${made}:a/b.txt`)).toBe('new\n')
  expect(await text(`${made}:c.txt`)).toBe('same\n')
  expect((await quarantine.objects.read(blob))?.content.equals(large)).toBe(true)
  expect(await quarantine.objects.read(made)).toMatchObject({ id: made, type: 'tree' })
  expect((await quarantine.objects.read(`${commit}^{tree}`))?.id).toBe(tree)
  const missing = [`${tree}:gone`, `${made}:gone`, `${'0'.repeat(39)}1`, 'no such name']
  expect(await Promise.all(missing.map((name) => quarantine.objects.read(name)))).toEqual([null, null, null, null])
  // What only the quarantine holds, the mirror does not have.
  expect(await mirror.objects.read(blob)).toBeNull()
  await quarantine.close()
  await mirror.close()
})
