import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMirror } from '../src/git/index.ts'
import { discover, isFound } from '../src/intake/index.ts'

const PULLS = 20_000
const FILES = 2_000

/** Discovery over a made history of 20,000 pulls, or over the bare repository at the given path (named by the second argument). */
export default async function benchDiscover(path = process.argv[3], repository = process.argv[4] ?? 'acme/shop') {
  const made = path === undefined ? await makeHistory() : null
  try {
    return { name: 'discover', rows: await measure(path ?? made ?? '', repository) }
  } finally {
    if (made !== null) rmSync(made, { recursive: true })
  }
}

async function measure(folder: string, repository: string) {
  const mirror = openMirror(folder)
  const started = performance.now()
  let pulls = 0
  let linked = 0
  for await (const batch of discover(mirror, { repository, forge: 'forge.example' })) {
    const found = batch.filter(isFound)
    pulls += found.length
    linked += found.filter(({ pull }) => pull.closes.length > 0).length
  }
  const seconds = (performance.now() - started) / 1000
  await mirror.close()
  return [
    { figure: 'pulls found', value: pulls, unit: 'pulls' },
    { figure: 'of these linked', value: linked, unit: 'pulls' },
    { figure: 'time', value: Math.round(seconds * 100) / 100, unit: 's' },
    { figure: 'pulls a second', value: Math.round(pulls / seconds), unit: '1/s', goal: '≥ 2000' },
    { figure: 'resident memory', value: Math.round(process.memoryUsage().rss / 2 ** 20), unit: 'MiB', goal: '≤ 400' },
  ]
}

/** A bare repository written by `git fast-import`: merge commits of two commits each and squashes, by turns, over 2,000 files. */
async function makeHistory(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-bench-'))
  await run(['init', '--quiet', '--bare', '--initial-branch=main', folder], [])
  await run(['-C', folder, 'fast-import', '--quiet', '--done'], stream())
  return folder
}

async function run(args: readonly string[], input: Iterable<string>): Promise<void> {
  const child = spawn('git', args, { stdio: ['pipe', 'ignore', 'inherit'] })
  const ended = once(child, 'close')
  for (const text of input) if (!child.stdin.write(text)) await once(child.stdin, 'drain')
  child.stdin.end()
  const [code] = await ended
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${String(code)}`)
}

function* stream(): Generator<string> {
  let mark = 1
  const commit = (branch: string, message: string, from: string, files: readonly string[]) => {
    const time = 1_400_000_000 + mark * 60
    const who = `Ann <ann@example.com> ${time} +0000`
    const body = files.map(
      (file) => `M 100644 inline ${file}\n${data(`export const value = ${mark}\n${'line\n'.repeat(10)}`)}`,
    )
    return `commit refs/heads/${branch}\nmark :${mark}\nauthor ${who}\ncommitter ${who}\n${data(message)}${from}${body.join('')}\n`
  }
  const all = Array.from({ length: FILES }, (_, n) => `src/part${n % 50}/module${n}.js`)
  yield commit('main', 'first', '', all)
  for (let number = 1; number <= PULLS; number += 1) {
    const source = all[(number * 7) % FILES] ?? ''
    const test = `test/part${number % 50}/module${number % FILES}.test.js`
    const tip = mark
    mark += 1
    if (number % 2 === 0) {
      yield commit('main', `Round prices half up (#${number})\n\nFixes #${number + PULLS}\n`, `from :${tip}\n`, [
        source,
        test,
      ])
      continue
    }
    yield commit('topic', `Round prices\n\nFixes #${number + PULLS}\n`, `from :${tip}\n`, [source])
    mark += 1
    yield commit('topic', 'Test rounding\n', `from :${mark - 1}\n`, [test])
    const topic = mark
    mark += 1
    yield commit(
      'main',
      `Merge pull request #${number} from bob/topic\n\nRound prices half up\n`,
      `from :${tip}\nmerge :${topic}\n`,
      [source, test],
    )
  }
  yield 'done\n'
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`
}
