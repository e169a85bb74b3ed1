import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { messageOf, UserError } from '../errors.ts'
import { type PullLine, pullLineSchema } from '../model/index.ts'
import type { BadLine } from './types.ts'

export interface ReadLine {
  readonly line: number
  readonly pull: PullLine
}

/**
 * Reads a pulls file (JSON Lines, see docs/contract.md), a line at a time. A line that is no JSON or lacks a field is given as a
 * `BadLine` with its number; empty lines are passed over; of two lines for one pull the first counts. Throws `UserError` where the
 * file can't be read.
 */
export async function* readPullsFile(path: string): AsyncGenerator<ReadLine | BadLine> {
  const seen = new Map<number, number>()
  let line = 0
  try {
    for await (const text of createInterface({
      input: createReadStream(path, 'utf8'),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      line += 1
      const bare = text.replace(/^\uFEFF/, '').trim()
      if (bare === '') continue
      const read = parseLine(bare)
      if ('problem' in read) yield { line, problem: read.problem }
      else if (seen.has(read.number))
        yield { line, problem: `pull ${read.number} stands on line ${seen.get(read.number)} already` }
      else {
        seen.set(read.number, line)
        yield { line, pull: read }
      }
    }
  } catch (cause) {
    if (!isFileError(cause)) throw cause
    throw new UserError(`the pulls file ${path} can't be read: ${messageOf(cause)}`, {
      mend: 'give the path of a JSON Lines file',
      cause,
    })
  }
}

function parseLine(text: string): PullLine | { problem: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { problem: `no JSON: ${messageOf(error)}` }
  }
  const parsed = pullLineSchema.safeParse(json)
  if (parsed.success) return parsed.data
  return {
    problem: z
      .prettifyError(parsed.error)
      .replace(/\s*\n\s*/g, ' ')
      .replaceAll('✖ ', ''),
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
