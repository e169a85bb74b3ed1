import semver from 'semver'
import type { Need } from './types.ts'

/**
 * A line of a manifest's dependencies as a registry is asked for it: `npm:other@^1` names another package, `latest` any version.
 * Null for what no registry is asked for: addresses, folders, workspaces, other tags.
 */
export function readNeed(name: string, range: unknown): Need | null {
  if (typeof range !== 'string') return null
  const alias = /^npm:(?<name>(?:@[^@/]+\/)?[^@/]+)(?:@(?<range>.*))?$/.exec(range.trim())?.groups
  if (alias?.name !== undefined) return readNeed(alias.name, alias.range ?? '*')
  const wanted = range.trim() === 'latest' ? '*' : range.trim()
  return semver.validRange(wanted, { loose: true }) === null ? null : { name, range: wanted }
}
