import { createHmac, timingSafeEqual } from 'node:crypto'
import { posix } from 'node:path'
import { z } from 'zod'
import type { ReportedTest } from '../model/index.ts'
import { cleanMessage, cleanName } from './test-name.ts'
import type { ParsedReport, Report } from './types.ts'

const lineSchema = z.discriminatedUnion('t', [
  z.object({ t: z.literal('start'), cwd: z.string() }),
  z.object({
    t: z.literal('test'),
    file: z.string().nullable(),
    path: z.array(z.string()),
    status: z.enum(['passed', 'failed', 'skipped', 'errored']),
    ms: z.number().nullable(),
    message: z.string().nullable(),
  }),
  z.object({ t: z.literal('tap'), line: z.string() }),
  z.object({ t: z.literal('end') }),
])

type Line = z.infer<typeof lineSchema>
type TestLine = Extract<Line, { t: 'test' }>

/** What our reporter wrote, in order, up to the first line that is missing; `whole` where start and end are both there. */
export interface SignedLines {
  readonly lines: readonly Line[]
  /** The working directory of the framework in the sandbox. */
  readonly cwd: string
  readonly whole: boolean
}

function parseLine(json: string): Line | null {
  try {
    return lineSchema.safeParse(JSON.parse(json)).data ?? null
  } catch {
    return null
  }
}

function isSigned(nonce: string, number: number, mac: string, json: string): boolean {
  const expected = createHmac('sha256', nonce).update(`${number}:${json}`).digest('hex')
  return mac.length === expected.length && timingSafeEqual(Buffer.from(mac), Buffer.from(expected))
}

/**
 * The lines that carry the reporter's signature (see reporters/report.cjs). Others are dropped: who has not the secret can add
 * nothing, and what they take away shows as a gap, after which nothing is read.
 */
export function signedLines(report: Report): SignedLines {
  const text = report.files.get('tests.jsonl')?.toString('utf8') ?? ''
  const lines: Line[] = []
  for (const entry of text.split('\n')) {
    const space = entry.indexOf(' ')
    const [mac, json] = [entry.slice(0, space), entry.slice(space + 1)]
    if (space < 0 || !isSigned(report.nonce, lines.length, mac, json)) continue
    const line = parseLine(json)
    if (line !== null) lines.push(line)
  }
  const first = lines[0]
  const whole = first?.t === 'start' && lines.some((line) => line.t === 'end')
  return { lines, cwd: first?.t === 'start' ? first.cwd : '/', whole }
}

/** A path as the framework gave it → relative to the repository's root; null where it lies outside. */
export function relativeFile(file: string, cwd: string, directory: string): string | null {
  const path = file.startsWith('file://') ? decodeURIComponent(new URL(file).pathname) : file
  const fromRoot = posix.join(directory, posix.relative(cwd, posix.resolve(cwd, path)))
  return fromRoot.startsWith('../') || fromRoot === '..' ? null : cleanName(fromRoot)
}

function toTest(line: TestLine, cwd: string, directory: string): ReportedTest {
  return {
    file: line.file === null ? null : relativeFile(line.file, cwd, directory),
    path: line.path.map(cleanName),
    status: line.status,
    milliseconds: line.ms,
    message: line.message === null ? null : cleanMessage(line.message),
  }
}

/** The tests that our reporter told of. A report without its end is not complete, whatever it holds. */
export function parseReport(report: Report): ParsedReport {
  const { lines, cwd, whole } = signedLines(report)
  const tests = lines.flatMap((line) => (line.t === 'test' ? [toTest(line, cwd, report.directory)] : []))
  return { tests, complete: whole }
}
