import { minerNamed, miners } from '../../../../miners/index.ts'
import type { Config } from '../../../config.ts'
import { forgottenCandidates, forgottenPulls } from '../../../erasure/standing.ts'
import { UserError } from '../../../errors.ts'
import { defaultBranch, findSource, type Mirror, type Source } from '../../../git/index.ts'
import { type BadLine, type Discovery, discover } from '../../../intake/index.ts'
import { bytesOf } from '../../../pipeline/folder-bytes.ts'
import { forecastOf } from '../../../pipeline/forecast.ts'
import { judgeBatch } from '../../../pipeline/judge-pulls.ts'
import { repositoryFor, resume, type TakeInOptions, takeIn } from '../../../pipeline/take-in.ts'
import { addNextWith, handlersOf, type Jobs, limitsWith } from '../../../pipeline.ts'
import type { Queue } from '../../../queue/types.ts'
import { type Machine, withMachine, withQueue } from '../../machine.ts'
import type { MineSummary } from '../lines.ts'
import type { MineReport, MineRequest, ServiceOptions } from '../services.ts'
import { refuseForgotten, withoutForgotten } from './forgotten.ts'
import { pullsFor } from './github-pulls.ts'
import { trackDecisions } from './track-decisions.ts'

/** Jobs of a command that somebody waits for go before those of the nightly run. */
const priority = 10

/** Mines one repository: discovers, puts the stages' jobs in the queue, works on them, and tells each decision. */
export async function mineRepository(
  { config, log }: ServiceOptions,
  request: MineRequest,
  report: MineReport,
): Promise<MineSummary> {
  const started = Date.now()
  const miner = minerNamed(request.miner)
  if (miner === null) {
    throw new UserError(`there is no miner ${request.miner}`, {
      mend: `known: ${miners.map(({ name }) => name).join(', ')}`,
    })
  }
  const found = await findSource(request.repository, {
    forge: config.forge,
    directory: process.cwd(),
    ...(request.name === null ? {} : { name: request.name }),
  })
  const { source, pulls } = await pullsFor({ config, log }, found, request)
  return withMachine(config, request.concurrency, async (machine) => {
    const { db } = machine.database
    await refuseForgotten(db, source)
    const repository = await repositoryFor(db, source)
    report.progress.doing(`reading ${repository.name}`)
    const mirror = await machine.workshop.mirrors.update(repository.id, source, { signal: report.signal })
    const branch = await defaultBranch(mirror)
    const skipped: number[] = []
    const discovered = discover(mirror, {
      ...discoverOptions(source, request),
      ...(pulls === null ? {} : { pulls }),
    })
    const batches = withoutForgotten(await forgottenPulls(db, repository.id), discovered, skipped)
    const judging = { db, repository, mirror, defaultBranch: branch, miner }
    if (request.dryRun) return forecast(judging, batches, request, report, started)
    return withQueue(
      machine.database,
      log,
      () => (report.signal.aborted ? 0 : 30),
      (queue) =>
        mineBatches(
          {
            machine,
            queue,
            request,
            report,
            started,
            skipped,
            runs: config.runs,
            judging: { ...judging, addNext: addNextWith(queue, priority) },
          },
          batches,
        ),
    )
  })
}

interface Mining {
  readonly machine: Machine
  readonly queue: Queue<Jobs>
  readonly request: MineRequest
  readonly report: MineReport
  readonly started: number
  /** Numbers of forgotten pulls that came by. */
  readonly skipped: readonly number[]
  readonly judging: TakeInOptions
  /** How often, where the request does not say. */
  readonly runs: Config['runs']
}

async function mineBatches(mining: Mining, batches: AsyncIterable<readonly Discovery[]>): Promise<MineSummary> {
  const { machine, queue, request, report, judging, runs } = mining
  const limits = limitsWith({ suite: request.runs ?? runs.suite, repeats: request.repeats ?? runs.repeats })
  const tracker = trackDecisions(machine.database.db, report)
  const { concurrency } = request
  await queue.work(handlersOf(machine.workshop, queue, limits, tracker.wake), {
    concurrency: { snapshot: concurrency, environment: concurrency, validators: concurrency, publish: 1 },
  })
  let pulls = 0
  let room = request.limit ?? Number.POSITIVE_INFINITY
  for await (const batch of batches) {
    if (report.signal.aborted || room <= 0) break
    const taken = await takeIn({ ...judging, room }, batch)
    reportBadLines(taken.badLines, request, report)
    pulls += taken.pulls
    room -= taken.candidates.filter(({ stage }) => stage !== 'intake' && stage !== 'miner').length
    await resume(judging.db, taken.candidates, judging.addNext)
    await tracker.add(taken.candidates.map(({ id }) => id))
  }
  await tracker.add(await forgottenCandidates(judging.db, judging.repository.id, mining.skipped))
  const decided = await tracker.finish()
  return { pulls: pulls + mining.skipped.length, ...decided, seconds: (Date.now() - mining.started) / 1000 }
}

/** A bad line is refused with its number and the reason; the rest goes on. */
function reportBadLines(lines: readonly BadLine[], request: MineRequest, report: MineReport): void {
  for (const { line, problem } of lines)
    report.progress.doing(`${request.pullsFile ?? 'pulls file'}:${line}: ${problem}`)
}

function discoverOptions(source: Source, request: MineRequest) {
  return {
    repository: `${source.name.owner}/${source.name.name}`,
    forge: source.name.forge,
    ...(request.only === null ? {} : { only: request.only }),
    ...(request.since === null ? {} : { since: request.since }),
    ...(request.until === null ? {} : { until: request.until }),
  }
}

/** `--dry-run`: asks the miner about every pull, stores nothing, and says what mining would likely bring. */
async function forecast(
  judging: Omit<TakeInOptions, 'addNext'> & { readonly mirror: Mirror },
  batches: AsyncIterable<readonly Discovery[]>,
  request: MineRequest,
  report: MineReport,
  started: number,
): Promise<MineSummary> {
  const refused: Record<string, number> = {}
  let [pulls, candidates] = [0, 0]
  for await (const batch of batches) {
    for (const { outcome } of await judgeBatch(judging, batch)) {
      if (report.signal.aborted || candidates >= (request.limit ?? Number.POSITIVE_INFINITY)) break
      pulls += 1
      if (outcome.state === 'proposed') candidates += 1
      else refused[outcome.reason] = (refused[outcome.reason] ?? 0) + 1
    }
  }
  const mirrorBytes = await bytesOf(judging.mirror.folder)
  const { concurrency } = request
  const likely = await forecastOf(judging.db, judging.repository.id, { candidates, mirrorBytes, concurrency })
  return { pulls, candidates, vetted: 0, refused, faults: 0, seconds: (Date.now() - started) / 1000, forecast: likely }
}
