import { FinalResults, Parser, Result } from 'tap-parser'
import type { ReportedTest, TestStatus } from '../model/index.ts'
import { relativeFile, signedLines } from './report.ts'
import { cleanMessage, cleanName } from './test-name.ts'
import type { ParsedReport, Report } from './types.ts'

/** One test point of a TAP stream, with the stream of its subtest where it has one. */
interface Point {
  readonly name: string
  /** Null: the subtest's stream broke off before its own test point. */
  readonly result: Result | null
  readonly subtest: readonly unknown[] | null
}

function isEvent(value: unknown): value is readonly [string, unknown] {
  return Array.isArray(value) && typeof value[0] === 'string'
}

/** `# Subtest: name`, the first line of a subtest's stream. */
function subtestName(events: readonly unknown[]): string {
  const [first] = events
  const comment = isEvent(first) && first[0] === 'comment' ? String(first[1]) : ''
  return comment.replace(/^# Subtest:? ?/, '').trim()
}

function pointsOf(events: readonly unknown[]): readonly Point[] {
  const points: Point[] = []
  let subtest: readonly unknown[] | null = null
  const breakOff = () => {
    if (subtest !== null) points.push({ name: subtestName(subtest), result: null, subtest })
    subtest = null
  }
  for (const event of events) {
    if (!isEvent(event)) continue
    const [type, value] = event
    if (type === 'child' && Array.isArray(value)) {
      breakOff()
      subtest = value
    } else if (type === 'assert' && value instanceof Result) {
      points.push({ name: value.name, result: value, subtest })
      subtest = null
    }
  }
  breakOff()
  return points
}

function finalResults(events: readonly unknown[]): FinalResults | null {
  for (const event of events) if (isEvent(event) && event[1] instanceof FinalResults) return event[1]
  return null
}

/** True where a stream breaks TAP's own rules: a count that is not the plan's, a number given twice. What passed in it is not to be believed. */
function breaksRules(events: readonly unknown[]): boolean {
  const final = finalResults(events)
  return final === null || final.bailout !== false || final.failures.some((failure) => Boolean(failure.tapError))
}

function statusOf(point: Point): TestStatus {
  if (point.result === null) return 'errored'
  if (point.result.skip || point.result.todo) return 'skipped'
  return point.result.ok ? 'passed' : 'failed'
}

const BROKE_OFF = 'it broke off before its plan was done'

/** The names of the assertions that failed in a subtest, or what else is wrong with it; null where it did not fail. */
function messageOf(point: Point): string | null {
  if (point.result?.ok || point.result?.skip || point.result?.todo) return null
  const failed = pointsOf(point.subtest ?? []).filter((inner) => inner.result?.ok === false)
  const names = failed.map(({ name }) => name || 'an assertion without a name failed')
  if (names.length > 0) return cleanMessage(names.join('\n'))
  return point.result === null || breaksRules(point.subtest ?? [])
    ? BROKE_OFF
    : 'it failed, and none of its assertions did'
}

/** Subtests are tests; an assertion belongs to the test around it, but for one that is skipped where it stands. */
function testsIn(events: readonly unknown[], file: string | null, above: readonly string[]): readonly ReportedTest[] {
  return pointsOf(events).flatMap((point) => {
    const isTest = point.subtest !== null || Boolean(point.result?.skip || point.result?.todo)
    if (!isTest) return []
    const path = [...above, cleanName(point.name)]
    const milliseconds = point.result?.time ?? null
    const test = { file, path, status: statusOf(point), milliseconds, message: messageOf(point) }
    return [test, ...testsIn(point.subtest ?? [], file, path)]
  })
}

/** A file's subtests, and the file itself where it has assertions of its own or failed by more than its subtests. */
function testsOfFile(point: Point, cwd: string, directory: string): readonly ReportedTest[] {
  const file = relativeFile(point.name, cwd, directory)
  const events = point.subtest ?? []
  const broken = point.subtest !== null && breaksRules(events)
  const inner = testsIn(events, file, []).map((test) =>
    broken && test.status === 'passed' ? { ...test, status: 'errored' as const, message: BROKE_OFF } : test,
  )
  const explained = !broken && (point.result?.ok === true || inner.some((test) => test.status === 'failed'))
  const ownAssertions = pointsOf(events).filter((one) => one.subtest === null && !one.result?.skip && !one.result?.todo)
  if (explained && inner.length > 0 && ownAssertions.length === 0) return inner
  const ownFailed = ownAssertions.some((one) => one.result?.ok === false)
  const own =
    broken || (!explained && !ownFailed)
      ? 'errored'
      : ownFailed
        ? 'failed'
        : point.result?.ok
          ? statusOf(point)
          : 'passed'
  return [
    {
      ...{ file, path: [], status: own, milliseconds: point.result?.time ?? null },
      message: own === 'passed' || own === 'skipped' ? null : (messageOf(point) ?? BROKE_OFF),
    },
    ...inner,
  ]
}

/** The tests of a whole run's TAP, in which each test point at the top is a file. */
export function parseTapReport(report: Report): ParsedReport {
  const { lines, cwd, whole } = signedLines(report)
  const text = lines.flatMap((line) => (line.t === 'tap' ? [`${line.line}\n`] : [])).join('')
  const events: readonly unknown[] = Parser.parse(text)
  const tests = pointsOf(events).flatMap((point) => testsOfFile(point, cwd, report.directory))
  const final = finalResults(events)
  return { tests, complete: whole && final !== null && !final.bailout && !breaksRules(events) }
}
