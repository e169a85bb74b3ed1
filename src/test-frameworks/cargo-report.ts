import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { ReportedTest } from '../model/index.ts'
import { readExamples } from './cargo-examples.ts'
import { moduleFile } from './cargo-modules.ts'
import { readLibtest } from './libtest.ts'
import { relativeFile } from './report.ts'
import { cleanMessage, cleanName } from './test-name.ts'
import type { ParsedReport, Report } from './types.ts'

/** What cargo-test.sh saw, as it signed it. */
interface Notes {
  readonly cwd: string
  /** The workspace's own folder. */
  readonly root: string
  readonly kept: ReadonlyMap<string, string>
  readonly runs: readonly Run[]
  /** What the examples in documentation said; null: none were run, or it is not what the script saw. */
  readonly examples: { readonly output: string; readonly exitCode: number } | null
  readonly ended: boolean
  /** Files with tests were not the same after the build. */
  readonly rewritten: boolean
}

/** One test binary. */
interface Run {
  /** Null: it is not what the script saw. */
  readonly output: string | null
  readonly exitCode: number
  /** The target's name; of a test that ran alone, the test's. */
  readonly name: string
  /** Root source of the target. */
  readonly source: string
  /** One test of a binary that did not come to its end with all of them. */
  readonly isAlone: boolean
}

interface Target {
  readonly package: string
  readonly kind: string
  readonly name: string
  readonly source: string
}

/**
 * The tests of every binary that ran, and one that errored for every target that did not compile. Nothing that the script did not sign is
 * read; a binary whose results are not what they were when it ended has none, and where the build wrote over tests none of them passed.
 */
export function parseCargoReport(report: Report): ParsedReport {
  const notes = readNotes(report)
  // All three are there before the first test runs: without them tests would be told in other places, or a target that does not compile not at all.
  const isKept = ['metadata.txt', 'problems.txt', 'sources.txt'].every((name) => notes?.kept.has(name) === true)
  if (notes === null || !isKept) return { tests: [], complete: false }
  const targets = readTargets(notes.kept.get('metadata.txt') ?? '')
  const sources = new Set((notes.kept.get('sources.txt') ?? '').split('\n'))
  const examples = notes.examples === null ? [] : readExamples(notes.examples)
  const tests = [
    ...examples.map((test) => ({ ...test, file: `${notes.root}/${test.file}` })),
    ...notes.runs.flatMap((run) => testsOf(run, notes.runs, sources)),
    ...uncompiled(notes.kept.get('problems.txt') ?? '', targets).map(({ source }) =>
      errored(source, 'does not compile'),
    ),
  ]
  return {
    tests: tests.map((test) => ({
      ...test,
      status: notes.rewritten && test.status === 'passed' ? 'errored' : test.status,
      file: test.file === null ? null : relativeFile(test.file, notes.cwd, report.directory),
    })),
    complete: notes.ended,
  }
}

function readNotes({ files, nonce }: Report): Notes | null {
  const text = files.get('signed.txt')?.toString('utf8') ?? ''
  const body = text.slice(65)
  const expected = createHash('sha256').update(`${nonce}${body}${nonce}`).digest()
  const given = Buffer.from(text.slice(0, 64), 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  const kept = new Map<string, string>()
  const runs: Run[] = []
  let [cwd, root] = ['/', '/']
  let examples: Notes['examples'] = null
  let [ended, rewritten] = [false, false]
  for (const line of body.split('\n')) {
    const [word, ...rest] = line.split(' ')
    if (word === 'cwd') cwd = line.slice(4)
    if (word === 'root') root = line.slice(5)
    if (word === 'examples') examples = examplesAmong(kept, rest)
    if (word === 'end') ended = true
    if (word === 'rewritten') rewritten = true
    if (word === 'kept' && isUnchanged(files, rest))
      kept.set(rest[0] ?? '', files.get(rest[0] ?? '')?.toString('utf8') ?? '')
    if (word === 'ran' || word === 'alone') runs.push(readRun(kept, rest, word === 'alone'))
  }
  return { cwd, root, kept, runs, examples, ended, rewritten }
}

function examplesAmong(kept: Notes['kept'], [file = '', exitCode]: readonly string[]): Notes['examples'] {
  const output = kept.get(file)
  return output === undefined ? null : { output, exitCode: Number(exitCode) }
}

function readRun(
  kept: Notes['kept'],
  [file = '', exitCode, , name = '', ...source]: readonly string[],
  isAlone: boolean,
): Run {
  return { output: kept.get(file) ?? null, exitCode: Number(exitCode), name, source: source.join(' '), isAlone }
}

function isUnchanged(files: Report['files'], [name, digest]: readonly string[]): boolean {
  const content = files.get(name ?? '')
  return content !== undefined && createHash('sha256').update(content).digest('hex') === digest
}

const metadataSchema = z.object({
  packages: z.array(
    z.object({
      name: z.string(),
      targets: z.array(z.object({ kind: z.array(z.string()), name: z.string(), src_path: z.string() })),
    }),
  ),
})

function readTargets(json: string): readonly Target[] {
  const parsed = metadataSchema.safeParse(parsedJson(json))
  if (!parsed.success) return []
  return parsed.data.packages.flatMap((each) =>
    each.targets.map(({ kind, name, src_path: source }) => ({ package: each.name, kind: kind[0] ?? '', name, source })),
  )
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function testsOf(run: Run, all: readonly Run[], sources: ReadonlySet<string>): readonly ReportedTest[] {
  if (run.output === null) return [errored(run.source, 'its results were written over')]
  const told = readLibtest(run.output, run.exitCode)
  if (run.isAlone) return [aloneTest(run, told, sources)]
  if (told === null) return [wholeProgram(run)]
  // No target is built twice: one of the two is none of cargo's.
  const isDoubled = all.filter(({ source, name }) => source === run.source && name === run.name).length > 1
  const tests = told.tests.map(({ name, status, milliseconds, message }): ReportedTest => {
    return {
      ...placeOf(run.source, name, sources),
      status: status === 'passed' && (isDoubled || !told.isWhole) ? 'errored' : status,
      milliseconds,
      message: message === null ? null : cleanMessage(message),
    }
  })
  return told.isWhole && !isDoubled ? tests : [...tests, errored(run.source, `ended with status ${run.exitCode}`)]
}

/** Where a test of libtest's name stands. */
function placeOf(source: string, name: string, sources: ReadonlySet<string>): Pick<ReportedTest, 'file' | 'path'> {
  const path = name.split('::')
  return { file: moduleFile(source, path.slice(0, -1), sources), path: path.map(cleanName) }
}

/** A test that ran in a process of its own: what it did not tell to the end, it failed. */
function aloneTest(run: Run, told: ReturnType<typeof readLibtest>, sources: ReadonlySet<string>): ReportedTest {
  const [test] = told?.tests ?? []
  const place = placeOf(run.source, run.name, sources)
  if (told?.isWhole === true && told.tests.length === 1 && test?.name === run.name) {
    const { status, milliseconds, message } = test
    return { ...place, status, milliseconds, message: message === null ? null : cleanMessage(message) }
  }
  return { ...place, status: 'failed', milliseconds: null, message: `ended with status ${run.exitCode}` }
}

/** A test without libtest is one test, which says by its exit status how it went. */
function wholeProgram({ source, name, exitCode }: Run): ReportedTest {
  return {
    ...{ file: source, path: [cleanName(name)], milliseconds: null },
    status: exitCode === 0 ? 'passed' : 'failed',
    message: exitCode === 0 ? null : `ended with status ${exitCode}`,
  }
}

function errored(source: string, message: string): ReportedTest {
  return { file: source, path: [], status: 'errored', milliseconds: null, message }
}

/** The targets that cargo's last words name: could not compile `demo` (lib test), (bin "demo" test), (test "cart"). */
function uncompiled(problems: string, targets: readonly Target[]): readonly Target[] {
  const found = [
    ...problems.matchAll(/could not compile `(?<crate>[^`]+)` \((?<kind>lib|bin|test)(?: "(?<name>[^"]+)")?/g),
  ]
  return targets.filter((target) =>
    found.some(({ groups }) => {
      if (groups?.crate !== target.package) return false
      if (groups.kind === 'lib') return !['bin', 'test', 'example', 'bench', 'custom-build'].includes(target.kind)
      return groups.kind === target.kind && groups.name === target.name
    }),
  )
}
