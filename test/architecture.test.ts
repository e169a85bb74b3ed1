import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pluginBreaches, pluginSets } from './architecture/plugins.ts'
import { breaches } from './architecture/rules.ts'
import { readProject, readSource } from './architecture/source-file.ts'

const root = join(import.meta.dirname, '..')
const files = readProject(root, ['src', 'miners', 'validators'])
const withText = files.map((file) => ({ ...file, text: readFileSync(join(root, file.path), 'utf8') }))

test('every part imports only what docs/architecture.md allows it', () => {
  expect(files.length).toBeGreaterThan(50)
  expect(breaches(files)).toEqual([])
})

test.each(pluginSets)('$folder: the registry lists every member, and no member imports another', (set) => {
  expect(pluginBreaches(set, withText)).toEqual([])
})

describe('the rules bite', () => {
  test.each([
    ['src/snapshot/a.ts', "import { b } from '../intake/b.ts'", 'snapshot may not import intake'],
    ['src/model/a.ts', "import type { B } from '../db/b.ts'", 'model may not import db'],
    ['src/git/a.ts', "export * from '../blobs/b.ts'", 'git may not import blobs'],
    ['src/intake/a.ts', "const b = await import('../apps/cli/main.ts')", 'intake may not import apps'],
    ['src/grade/a.ts', "import { readConfig } from '../config.ts'", 'imports the configuration'],
    ['src/db/a.ts', 'const home = process.env.HOME', 'reads process.env'],
    ['src/db/a.ts', "const home = process.env['HOME']", 'reads process.env'],
    ['src/model/a.ts', "import pg from 'pg'", 'the model imports only zod'],
    ['src/git/utils.ts', 'export const a = 1', 'has a name that says nothing'],
    ['src/helpers/a.ts', 'export const a = 1', 'no rule says what helpers may import'],
  ])('%s with %s', (path, text, breach) => {
    expect(breaches([readSource(path, text)]).join('\n')).toContain(breach)
  })

  test('a plug-in that is in no registry, or imports its sibling', () => {
    const source = (path: string, text: string) => ({ ...readSource(path, text), text })
    const breached = pluginBreaches({ folder: 'miners', member: /: Miner\b/ }, [
      source('miners/index.ts', "import { a } from './a.ts'"),
      source('miners/a.ts', 'export const a: Miner = {}'),
      source('miners/b.ts', "import { a } from './a.ts'\nexport const b: Miner = {}"),
    ])
    expect(breached).toEqual(['miners/b.ts: not in the registry', 'miners/b.ts: imports its sibling miners/a.ts'])
  })
})
