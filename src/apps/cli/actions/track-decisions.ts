import type { Db } from '../../../db/connect.ts'
import type { MineSummary } from '../lines.ts'
import type { MineReport } from '../services.ts'
import { decidedLines } from './decided.ts'

/** Another process may decide what this one put in the queue; its decisions are seen at the next look. */
const lookEveryMs = 1000

export interface DecisionTracker {
  add(candidates: readonly number[]): Promise<void>
  wake(): void
  /** Waits until every candidate is decided, or the command is interrupted, and sums up. */
  finish(): Promise<Pick<MineSummary, 'candidates' | 'vetted' | 'refused' | 'faults'>>
}

/** Tells each tracked candidate's decision once, as it falls. */
export function trackDecisions(db: Db, report: MineReport): DecisionTracker {
  const waiting = new Set<number>()
  const refused: Record<string, number> = {}
  const counts = { candidates: 0, vetted: 0, faults: 0 }
  let wakeUp: () => void = () => undefined
  let looking: Promise<void> = Promise.resolve()

  const look = async () => {
    for (const { id, line } of await decidedLines(db, [...waiting])) {
      if (!waiting.delete(id)) continue
      if (line.state === 'vetted') counts.vetted += 1
      else if (line.state === 'fault') counts.faults += 1
      else if (line.reason !== null) refused[line.reason] = (refused[line.reason] ?? 0) + 1
      report.decided(line)
    }
  }
  /** One look at a time: two at once would tell a decision twice. */
  const lookInTurn = () => {
    looking = looking.then(look)
    return looking
  }

  return {
    async add(candidates) {
      for (const id of candidates) waiting.add(id)
      counts.candidates += candidates.length
      report.progress.total(counts.candidates)
      await lookInTurn()
    },
    wake: () => wakeUp(),
    async finish() {
      while (waiting.size > 0 && !report.signal.aborted) {
        await new Promise<void>((resolve) => {
          const goOn = () => {
            clearTimeout(timer)
            report.signal.removeEventListener('abort', goOn)
            resolve()
          }
          const timer = setTimeout(goOn, lookEveryMs)
          report.signal.addEventListener('abort', goOn)
          wakeUp = goOn
        })
        await lookInTurn()
      }
      return { ...counts, refused }
    },
  }
}
