import { defaultMiner } from '../../../miners/index.ts'
import type { Config } from '../../config.ts'
import { UserError } from '../../errors.ts'
import { counted, type GitHubCost } from '../../github/index.ts'
import type { Log } from '../../log.ts'
import { forecastBackfills, type RepositoryForecast } from '../../pipeline/github/forecasts.ts'
import { makeMirrors } from '../../pipeline/mirrors.ts'
import { makeSources } from '../../pipeline/sources.ts'
import { openDoor } from '../github-app/door.ts'
import { allowedCores, withDatabase } from '../machine.ts'

export interface ForecastReport {
  /** Called for each repository as it is forecast. */
  forecast(line: RepositoryForecast): void
  readonly signal: AbortSignal
}

/** `quarry nightly --dry-run`: forecasts backfills without a sandbox. Gives what the forecast itself asked of GitHub. */
export async function forecastNow(
  config: Config,
  log: Log,
  repository: string | null,
  report: ForecastReport,
): Promise<GitHubCost> {
  const door = openDoor(config, log)
  if (door === null) {
    throw new UserError('there is no way to GitHub', { mend: 'set APP_ID, PRIVATE_KEY_PATH and WEBHOOK_SECRET' })
  }
  return withDatabase(config, async ({ db }) => {
    const { access, cost } = counted(door.access)
    const mirrors = makeMirrors(config.home, db)
    const intake = {
      ...{ db, mirrors, sources: makeSources(door.access), github: access, miner: defaultMiner },
      ...{ addNext: addNothing, signal: report.signal },
    }
    const options = { bounds: config.backfill, concurrency: allowedCores().length, home: config.home }
    try {
      for await (const line of forecastBackfills(intake, repository, options)) report.forecast(line)
    } finally {
      await mirrors.close()
    }
    return cost()
  })
}

function addNothing(): never {
  throw new Error('a forecast adds no job')
}
