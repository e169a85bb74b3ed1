import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatNamed } from '../../src/export/index.ts'
import { type FullTask, findTask } from '../../src/query/tasks.ts'
import { addRepository, addTask } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let task: FullTask
beforeAll(async () => {
  database = await testDatabase()
  await addTask(database.db, await addRepository(database.db), 7)
  const found = await findTask(database.db, 'acme__shop-7')
  if (found === null) throw new Error('no task')
  task = found
})
afterAll(() => database?.close())

test('one line of JSON, its keys in the order of SWE-bench, its lists as JSON in strings', () => {
  const line = formatNamed('swebench')?.write(task) ?? ''
  expect(line).toMatch(/^\{[^\n]*\}\n$/)
  const { install_config: install, meta, ...instance } = JSON.parse(line)
  expect(Object.entries(instance)).toEqual([
    ['repo', 'acme/shop'],
    ['instance_id', 'acme__shop-7'],
    ['base_commit', 'b'.repeat(40)],
    ['patch', 'fix\n'],
    ['test_patch', 'tests\n'],
    ['problem_statement', 'It breaks'],
    ['hints_text', 'look here'],
    ['created_at', '2024-05-01T00:00:00.000Z'],
    ['version', 'v1.2.0'],
    ['FAIL_TO_PASS', '["test/a.js > mends"]'],
    ['PASS_TO_PASS', '["test/a.js > holds","test/a.js > stays"]'],
    ['environment_setup_commit', 'b'.repeat(40)],
    ['language', 'javascript'],
    ['docker_image', null],
  ])
  expect(install).toMatchObject({ install: ['npm ci'], build: ['npm run build'], test_cmd: ['mocha test'] })
  expect(meta).toMatchObject({ revision: 1, sequence: 1, pull: 7, content_hash: 'sha256:acme__shop-7@1' })
})

test('the same task gives the same bytes; an unknown format is none', () => {
  const format = formatNamed('swebench')
  expect(format?.write(task)).toBe(format?.write(task))
  expect(formatNamed('floppy')).toBeNull()
})
