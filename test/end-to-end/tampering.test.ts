import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../postgres.ts'
import { jsonLines, makeSample, runQuarry, type Sample } from './sample.ts'

/** Two tasks of the sample: one whose tests have files of their own, one whose tests stand in the source file. */
const plain = 'acme__shop-2'
const mixed = 'acme__shop-10'

let sample: Sample
let database: Awaited<ReturnType<typeof testDatabase>>

const quarry = (args: readonly string[], input?: string) =>
  runQuarry(args, { QUARRY_HOME: sample.home, DATABASE_URL: database.url }, input)

beforeAll(async () => {
  sample = await makeSample()
  database = await testDatabase()
  const mined = await quarry(['mine', sample.path, '--pulls', sample.pullsFile, '--only', '2,10', '--json'])
  expect(mined.exitCode, mined.stderr + mined.stdout).toBe(0)
  for (const task of [plain, mixed])
    expect((await quarry(['checkout', task, join(sample.home, task)])).exitCode).toBe(0)
}, 600_000)

afterAll(async () => {
  await database?.close()
  await sample?.remove()
})

/** Grades what `change` makes of the snapshot, as a patch that `git diff` writes. */
async function gradeOf(task: string, change: (folder: string) => void) {
  const folder = join(sample.home, `${task}-changed`)
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(sample.home, task), folder, { recursive: true, verbatimSymlinks: true })
  change(folder)
  execFileSync('git', ['-C', folder, 'add', '--all', '--force'])
  const patch = execFileSync('git', ['-C', folder, 'diff', '--cached', '--binary'], { encoding: 'utf8' })
  expect(patch).not.toBe('')
  return jsonLines((await quarry(['grade', task, '--patch', '-', '--json'], patch)).stdout)[0]
}

const edit = (folder: string, path: string, change: (text: string) => string) =>
  writeFileSync(join(folder, path), change(readFileSync(join(folder, path), 'utf8')))
const write = (folder: string, path: string, text: string) => {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}
/** A test file in which everything passes, under the names that are asked for. */
const allPass = `import { describe, it } from 'node:test'
describe('cart', () => { for (const name of ['adds up its lines', 'is free when empty', 'takes the discount off', 'rounds half up']) it(name, () => {}) })
`

test.each<[string, (folder: string) => void]>([
  [
    'prints its own results',
    (folder) =>
      edit(
        folder,
        'src/cart.js',
        (text) =>
          `console.log('ok 1 - cart > rounds half up\\n# pass 99')\nconsole.log('{"t":"test","status":"passed"}')\n${text}`,
      ),
  ],
  ['edits the tests', (folder) => write(folder, 'test/cart.test.js', allPass)],
  ['deletes the tests', (folder) => rmSync(join(folder, 'test/cart.test.js'))],
  [
    'puts a link in place of the tests',
    (folder) => {
      rmSync(join(folder, 'test/cart.test.js'))
      write(folder, 'src/easy.js', allPass)
      symlinkSync('../src/easy.js', join(folder, 'test/cart.test.js'))
    },
  ],
  [
    'puts a folder in place of the tests',
    (folder) => {
      rmSync(join(folder, 'test/cart.test.js'))
      write(folder, 'test/cart.test.js/index.js', allPass)
    },
  ],
  ['adds tests of the same names', (folder) => write(folder, 'test/aaa-cart.test.js', allPass)],
  [
    'has the test script run something else',
    (folder) => {
      edit(folder, 'package.json', (text) => text.replace(/"test": "[^"]*"/, '"test": "node --test easy.test.js"'))
      write(folder, 'easy.test.js', allPass)
    },
  ],
  [
    'brings settings for node and npm',
    (folder) => {
      write(folder, '.npmrc', 'node-options=--import=./hook.js\n')
      write(folder, '.env', 'NODE_OPTIONS=--import=./hook.js\n')
      write(folder, 'hook.js', 'process.exit(0)\n')
    },
  ],
  [
    'replaces the assertions by a package of its own',
    (folder) => {
      write(folder, 'node_modules/mocha/package.json', '{"name":"mocha","version":"99.0.0","bin":{"mocha":"m.js"}}')
      write(folder, 'node_modules/mocha/m.js', 'process.exit(0)\n')
    },
  ],
  ['leaves early with success', (folder) => edit(folder, 'src/cart.js', (text) => `process.exit(0)\n${text}`)],
  [
    'leaves when the tests end',
    (folder) => edit(folder, 'src/cart.js', (text) => `process.on('exit', () => { process.exitCode = 0 })\n${text}`),
  ],
  [
    'writes the report itself',
    (folder) =>
      edit(
        folder,
        'src/cart.js',
        (text) => `import { readdirSync, readFileSync, writeFileSync, appendFileSync } from 'node:fs'
for (const file of readdirSync('/quarry/report')) {
  try {
    const lines = readFileSync('/quarry/report/' + file, 'utf8').replaceAll('"failed"', '"passed"')
    writeFileSync('/quarry/report/' + file, lines)
    appendFileSync('/quarry/report/' + file, JSON.stringify({ t: 'test', file: 'test/cart.test.js', path: ['cart', 'rounds half up'], status: 'passed' }) + '\\n' + JSON.stringify({ t: 'end' }) + '\\n')
  } catch {}
}
${text}`,
      ),
  ],
  [
    'never ends',
    (folder) =>
      edit(
        folder,
        'src/cart.js',
        (text) =>
          `process.kill(process.ppid, 'SIGSTOP'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);\n${text}`,
      ),
  ],
])(
  'a patch that %s gets no reward',
  async (_, change) => {
    expect(await gradeOf(plain, change)).toMatchObject({ verdict: 'unresolved', reward: 0 })
  },
  400_000,
)

test('a mixed file that is put back does not bring the fix', async () => {
  const grade = await gradeOf(mixed, (folder) => edit(folder, 'src/stock.js', (text) => `// looked at\n${text}`))
  expect(grade).toMatchObject({ verdict: 'unresolved', reward: 0 })
})

test('tests in a source file are put back when a patch takes them out', async () => {
  const grade = await gradeOf(mixed, (folder) =>
    edit(folder, 'src/stock.js', (text) => text.slice(0, text.search(/\n(?:if|describe|test|it)\b.*/s))),
  )
  expect(grade).toMatchObject({ verdict: 'unresolved', reward: 0 })
})

test("a fix of one's own making is rewarded, whatever else it tidies up", async () => {
  const grade = await gradeOf(plain, (folder) => {
    edit(folder, 'src/cart.js', (text) => text.replace('Math.floor(', 'Math.round('))
    write(folder, 'NOTES.md', 'Rounded.\n')
  })
  expect(grade).toMatchObject({ verdict: 'resolved', reward: 1 })
})

test('nothing of the fix or the tests is in what the agent gets', () => {
  for (const task of [plain, mixed]) {
    const objects = execFileSync(
      'git',
      ['-C', join(sample.home, task), 'cat-file', '--batch-all-objects', '--batch-check=%(objectname)'],
      { encoding: 'utf8' },
    )
    const own = execFileSync(
      'git',
      ['-C', join(sample.home, task), 'rev-list', '--objects', '--all', '--no-object-names'],
      { encoding: 'utf8' },
    )
    expect(objects.trim().split('\n').sort()).toEqual(own.trim().split('\n').sort())
    expect(existsSync(join(sample.home, task, '.git/logs'))).toBe(false)
  }
})
