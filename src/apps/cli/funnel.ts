import { reasonsByStage } from '../../model/index.ts'
import type { MineSummary } from './lines.ts'
import type { Output } from './output.ts'

/** How many pulls went in, where they stayed behind and why, and how many came out as tasks. */
export function printFunnel(output: Output, summary: MineSummary): void {
  output.heading('Funnel')
  output.table(['stage', 'outcome', 'pulls'], funnelRows(summary))
  output.text(`${summary.vetted} of ${summary.pulls} merged pulls became tasks in ${summary.seconds.toFixed(1)} s`)
}

type Row = readonly [string, string, number]

/** Refusals in the order of the stages, so that the table reads from the top like the pipeline. */
export function funnelRows(summary: MineSummary): Row[] {
  const refusals = Object.entries(reasonsByStage).flatMap(([stage, reasons]) =>
    reasons.flatMap((reason): Row[] => {
      const count = summary.refused[reason] ?? 0
      return count === 0 ? [] : [[stage, reason, count]]
    }),
  )
  const faults: Row[] = summary.faults === 0 ? [] : [['', 'fault (see `quarry jobs`)', summary.faults]]
  return [['', 'merged pulls', summary.pulls], ...refusals, ...faults, ['', 'vetted', summary.vetted]]
}
