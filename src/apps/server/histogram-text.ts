import { timeBounds } from '../../queue/job-times.ts'

/** Jobs that took at most `bound` seconds, and more than the bound before it. */
export interface TimedJobs {
  readonly stage: string
  readonly bound: number
  readonly jobs: number
  readonly seconds: number
}

/** Prometheus's text for a histogram by stage: prom-client's own counts in this process alone. Stages are plain words. */
export function histogramText(name: string, help: string, timed: readonly TimedJobs[]): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`]
  for (const stage of [...new Set(timed.map((each) => each.stage))].sort()) {
    const own = timed.filter((each) => each.stage === stage)
    for (const bound of timeBounds) {
      const le = Number.isFinite(bound) ? String(bound) : '+Inf'
      const jobs = sum(own.filter((each) => each.bound <= bound).map((each) => each.jobs))
      lines.push(`${name}_bucket{stage="${stage}",le="${le}"} ${jobs}`)
    }
    lines.push(`${name}_sum{stage="${stage}"} ${sum(own.map(({ seconds }) => seconds))}`)
    lines.push(`${name}_count{stage="${stage}"} ${sum(own.map(({ jobs }) => jobs))}`)
  }
  return `${lines.join('\n')}\n`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
