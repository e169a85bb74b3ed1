import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { processFolder } from '../../src/pipeline/process-folders.ts'
import { ownerName } from '../../src/sandboxes/owner.ts'

const root = mkdtempSync(join(tmpdir(), 'quarry-folders-'))
afterAll(() => rmSync(root, { recursive: true }))

test('what a killed process left is removed, even where it is deeper than a path is long', async () => {
  // Of this machine and its boot, by a process number that is in use by nothing.
  const left = join(root, ownerName().replace(String(process.pid), '4194304'))
  mkdirSync(left)
  const deep = 'name=$(printf %0200d 0); for level in $(seq 25); do mkdir $name && cd -P $name; done'
  execFileSync('sh', ['-c', deep], { cwd: left })
  const own = await processFolder(root)
  expect(existsSync(left)).toBe(false)
  expect([existsSync(own), readdirSync(root)]).toEqual([true, [ownerName()]])
})
