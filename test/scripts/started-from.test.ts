import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'

/** A checkout of empty files, whose Node.js says what it is to start. */
function makeCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), 'quarry checkout-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const files = ['src/apps/cli/main.ts', 'miners/one.ts', 'validators/one.ts', 'package-lock.json', 'scripts/bundle.js']
  for (const file of [...files, 'dist/quarry/main.js']) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), '')
  }
  for (const name of ['bin', 'node_modules/.bin']) mkdirSync(join(root, name), { recursive: true })
  cpSync(new URL('../../bin/quarry', import.meta.url), join(root, 'bin/quarry'))
  writeFileSync(join(root, 'node_modules/.bin/node'), '#!/bin/sh\nfor each; do echo "$each"; done\n', { mode: 0o755 })
  for (const folder of ['src', 'src/apps', 'src/apps/cli', 'miners', 'validators']) changed(root, folder, 1)
  for (const file of files) changed(root, file, 1)
  changed(root, 'dist/quarry/main.js', 2)
  return root
}

const changed = (root: string, path: string, minute: number) => utimesSync(join(root, path), minute * 60, minute * 60)

async function started(root: string): Promise<string[]> {
  const { stdout } = await execa(join(root, 'bin/quarry'), ['tasks', '--state', 'in review'])
  return stdout.split('\n').filter((word) => !word.startsWith('--max') && !word.startsWith('--expose'))
}

const plain = ['--disable-warning=ExperimentalWarning']

test('the command starts what was put together of its sources', async () => {
  const root = makeCheckout()
  expect(await started(root)).toEqual([...plain, join(root, 'dist/quarry/main.js'), 'tasks', '--state', 'in review'])
})

test.each(['src/apps/cli/main.ts', 'src/apps', 'validators/one.ts', 'package-lock.json'])(
  'where %s is newer, it starts the sources themselves',
  async (path) => {
    const root = makeCheckout()
    changed(root, path, 3)
    const sources = [`--import=${join(root, 'src/db/commonjs-drizzle.ts')}`, join(root, 'src/apps/cli/main.ts')]
    expect(await started(root)).toEqual([...plain, ...sources, 'tasks', '--state', 'in review'])
  },
)
