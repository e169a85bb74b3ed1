import { z } from 'zod'
import type { TestStatus } from '../model/index.ts'

/** What one binary of libtest said of its tests. */
export interface LibtestOutput {
  readonly tests: readonly LibtestTest[]
  /** It said so to its end, and its counts, its verdict and its exit status agree with what it said of each test. */
  readonly isWhole: boolean
}

interface LibtestTest {
  /** `uri::path::tests::rejects`. */
  readonly name: string
  readonly status: TestStatus
  readonly milliseconds: number | null
  readonly message: string | null
}

const lineSchema = z.union([
  z.object({ type: z.literal('suite'), event: z.literal('started'), test_count: z.number() }),
  z.object({
    type: z.literal('suite'),
    event: z.enum(['ok', 'failed']),
    passed: z.number(),
    failed: z.number(),
    ignored: z.number(),
  }),
  z.object({
    type: z.literal('test'),
    event: z.enum(['ok', 'failed', 'ignored']),
    name: z.string(),
    exec_time: z.number().nullish(),
    stdout: z.string().nullish(),
    message: z.string().nullish(),
  }),
])

type Line = z.infer<typeof lineSchema>
type TestLine = Extract<Line, { type: 'test' }>

const statusOf = { ok: 'passed', failed: 'failed', ignored: 'skipped' } as const
const worstFirst: readonly TestStatus[] = ['failed', 'skipped', 'passed']

/**
 * Reads the JSON lines that libtest writes to its standard output. What the tests' own programs print goes there too, so a line may begin with something
 * else. Of several verdicts on one test the worst counts, and then the suite's counts no longer agree. Null where there is no suite at all: the
 * program has no libtest.
 */
export function readLibtest(output: string, exitCode: number): LibtestOutput | null {
  const lines = output.split('\n').flatMap((text) => readLine(text) ?? [])
  const starts = lines.filter((line) => line.type === 'suite' && line.event === 'started')
  const ends = lines.flatMap((line) => (line.type === 'suite' && line.event !== 'started' ? [line] : []))
  if (starts.length === 0 && ends.length === 0) return null
  const told = lines.filter((line) => line.type === 'test')
  const tests = worstOfEach(told)
  const [start] = starts
  const [end] = ends
  const count = (status: TestStatus) => tests.filter((test) => test.status === status).length
  const agrees =
    start?.event === 'started' &&
    end !== undefined &&
    starts.length + ends.length === 2 &&
    lines.indexOf(start) === 0 &&
    lines.indexOf(end) === lines.length - 1 &&
    start.test_count === told.length &&
    tests.length === told.length &&
    end.passed === count('passed') &&
    end.failed === count('failed') &&
    end.ignored === count('skipped') &&
    (end.event === 'ok') === (count('failed') === 0) &&
    (exitCode === 0) === (end.event === 'ok')
  return { tests, isWhole: agrees }
}

function readLine(text: string): Line | null {
  const start = text.indexOf('{ "type": "')
  if (start === -1) return null
  try {
    return lineSchema.safeParse(JSON.parse(text.slice(start))).data ?? null
  } catch {
    return null
  }
}

function worstOfEach(lines: readonly TestLine[]): readonly LibtestTest[] {
  const tests = new Map<string, LibtestTest>()
  for (const { name, event, exec_time, stdout, message } of lines) {
    const test: LibtestTest = {
      ...{ name, status: statusOf[event] },
      milliseconds: typeof exec_time === 'number' ? exec_time * 1000 : null,
      message: event === 'failed' ? (stdout ?? message ?? null) : null,
    }
    const known = tests.get(name)
    if (known === undefined || worstFirst.indexOf(test.status) < worstFirst.indexOf(known.status)) tests.set(name, test)
  }
  return [...tests.values()]
}
