import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { containerPrograms } from '../../../src/apps/exports/container-programs.ts'
import type { ContainerPrograms } from '../../../src/export/index.ts'

let folder: string
let programs: ContainerPrograms
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-programs-'))
  programs = await containerPrograms()
  for (const [name, content] of [...programs.install, ...programs.verifier]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  // What a container installs from its registry, and nothing else of this program's packages.
  for (const name of Object.keys(programs.packages)) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(join(import.meta.dirname, '../../../node_modules', name), join(folder, 'node_modules', name))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['install.mjs', 'install.json'],
  ['verifier.mjs', 'task.json'],
])('%s is whole: it starts with what a container has, and misses its settings alone', (program, settings) => {
  const { stderr, stdout } = spawnSync(process.execPath, [join(folder, program)], { encoding: 'utf8' })
  expect(stderr + stdout).toContain(`ENOENT: no such file or directory, open '${join(folder, settings)}'`)
})

test('every reporter that a program of the container starts comes along', () => {
  const reporters = [...programs.verifier.keys()].filter((name) => name.startsWith('reporters/'))
  for (const name of [
    'report.cjs',
    'vitest.mjs',
    'python_launch.py',
    'python_report.py',
    'cargo-test.sh',
    'go-test.cjs',
  ])
    expect(reporters).toContain(`reporters/${name}`)
})
