import { z } from 'zod'
import { type Log, makeLog } from '../src/log.ts'

const line = z.looseObject({ level: z.int(), msg: z.string().optional() })

export type LogLine = z.infer<typeof line>

/** A log of the program's own making, down to the last detail, whose lines can be read. */
export function watchedLog(level = 'trace'): { readonly log: Log; lines(): LogLine[]; text(): string } {
  let text = ''
  const log = makeLog(level, {
    write(chunk) {
      text += chunk
    },
  })
  const lines = () =>
    text
      .split('\n')
      .filter(Boolean)
      .map((each) => line.parse(JSON.parse(each)))
  return { log, lines, text: () => text }
}
