import type { Command } from 'commander'
import { date, ownerAndName, positiveInteger, words } from '../arguments.ts'
import type { TaskFilter } from '../services.ts'

export interface TaskFilterOptions {
  readonly repository?: string
  readonly language?: string
  readonly framework?: string
  readonly since?: Date
  readonly until?: Date
  readonly without?: string[]
  readonly asOf?: string
  readonly endedSince?: string
  readonly limit?: number
}

/** The API's filters, as options. */
export function addTaskFilter(command: Command): Command {
  return command
    .option('--repository <owner/name>', 'of this repository', ownerAndName)
    .option('--language <name>', 'in this language, e.g. typescript')
    .option('--framework <name>', 'tested with this framework, e.g. vitest')
    .option('--since <date>', 'merged then or later', date)
    .option('--until <date>', 'merged before', date)
    .option('--without <flags>', 'without these flags, e.g. missing-before,diff-unverified', words)
    .option('--as-of <sequence|time>', 'as the tasks stood then: the same query gives the same tasks for ever')
    .option('--limit <n>', 'at most so many, newest first', positiveInteger)
}

export function taskFilterOf(options: TaskFilterOptions): TaskFilter {
  return {
    repository: options.repository ?? null,
    language: options.language ?? null,
    framework: options.framework ?? null,
    since: options.since ?? null,
    until: options.until ?? null,
    without: options.without ?? [],
    asOf: options.asOf ?? null,
    endedSince: options.endedSince ?? null,
    limit: options.limit ?? null,
  }
}
