import { afterAll } from 'vitest'
import type { ContainerPrograms, ExportSources } from '../../src/export/index.ts'
import { type FullTask, findTask } from '../../src/query/tasks.ts'
import { addRepository, addTask } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'
import { emptyMirror, treeOf } from '../snapshot/sample.ts'

/** Not Quarry's own: formats only lay them down. */
const programs: ContainerPrograms = {
  install: new Map([['install.mjs', Buffer.from('// installs\n')]]),
  verifier: new Map([
    ['verifier.mjs', Buffer.from('// verifies\n')],
    ['reporters/report.cjs', Buffer.from('// reports\n')],
  ]),
  packages: { 'tree-sitter': '1.2.3' },
  node: '24.1.0',
}

/** A whole task out of a real database, and the repository that holds its trees. Both go with the test file. */
export async function exportScene(): Promise<{ readonly task: FullTask; readonly sources: ExportSources }> {
  const { db, close } = await testDatabase()
  afterAll(close)
  await addTask(db, await addRepository(db), 7)
  const found = await findTask(db, 'acme__shop-7', { owners: null })
  if (found === null) throw new Error('no task')
  const mirror = await emptyMirror(afterAll)
  const manifest = '{"name":"shop","dependencies":{"left-pad":"^1.0.0"}}\n'
  const files = { 'package.json': manifest, 'a.js': 'wrong\n', 'test/a.js': 'old tests\n' }
  const before = { ...files, 'test/a.js': 'tests\n' }
  const trees = {
    baseTree: await treeOf(mirror, files),
    beforeTree: await treeOf(mirror, before),
    afterTree: await treeOf(mirror, { ...before, 'a.js': 'right\n' }),
  }
  return {
    task: { ...found, snapshot: { ...found.snapshot, ...trees } },
    sources: {
      blob: async () => Buffer.from('{"name":"shop"}\n'),
      withMirror: (_, work) => work(mirror),
      programs: async () => programs,
    },
  }
}

/** Tasks that differ in name alone. */
export function manyOf(task: FullTask, count: number): FullTask[] {
  return Array.from({ length: count }, (_, at) => ({ ...task, name: `${task.name}${at}`, pull: task.pull + at }))
}

export async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}
