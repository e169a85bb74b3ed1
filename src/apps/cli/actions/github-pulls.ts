import type { Source } from '../../../git/index.ts'
import { type PullLines, readPullsFile } from '../../../intake/index.ts'
import { linesFromGitHub } from '../../../pipeline/github/lines.ts'
import type { MineRequest, ServiceOptions } from '../services.ts'

/** What `quarry mine` takes of GitHub: the right to fetch, and the list of merged pulls. */
export interface MinedFrom {
  readonly source: Source
  /** None: git history tells. */
  readonly pulls: PullLines | null
}

/** A pulls file's lines; else GitHub's own, where GITHUB_TOKEN lets them be read; else none. A clone on this machine is read as it is. */
export async function pullsFor(
  { config, log }: ServiceOptions,
  source: Source,
  { pullsFile }: Pick<MineRequest, 'pullsFile'>,
): Promise<MinedFrom> {
  const file = pullsFile === null ? null : { lines: readPullsFile(pullsFile), source: 'pulls-file' as const }
  const { local, name } = source
  // A clone's address names the host without its port.
  const isThere = [config.forge, new URL(config.github.webUrl).hostname].includes(name.forge)
  if (local || config.github.token === null || !isThere) return { source, pulls: file }
  // Only here is Octokit needed: other minings start sooner without.
  const { openDoor } = await import('../../github-app/door.ts')
  const access = openDoor(config, log)?.access
  if (access === undefined) return { source, pulls: file }
  const authorized = { ...source, authorization: source.authorization ?? (await access.gitAuthorization(0)) }
  const lines = linesFromGitHub(await access.client(0, 'backfill'), {
    name: `${name.owner}/${name.name}`,
    forge: name.forge,
  })
  return { source: authorized, pulls: file ?? { lines, source: 'backfill' } }
}
