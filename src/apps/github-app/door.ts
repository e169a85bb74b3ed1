import type { Probot } from 'probot'
import type { Config } from '../../config.ts'
import type { GitHubAccess } from '../../github/index.ts'
import type { Log } from '../../log.ts'
import { makeProbot, openAccess } from './access.ts'

/** GitHub, as this process reaches it. */
export interface GitHubDoor {
  readonly access: GitHubAccess
  /** The App, where there is one: without it no webhooks. */
  readonly probot: Probot | null
}

/** Null where the configuration names neither an App nor a token. */
export function openDoor({ github }: Config, log: Log): GitHubDoor | null {
  const probot = github.app === null ? null : makeProbot(github, log)
  const access = openAccess(github, probot, log)
  return access === null ? null : { access, probot }
}
