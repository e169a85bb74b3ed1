/** Which repository this is, as its remote's URL or the user says. `forge` is the host's name, lower case. */
export interface RepositoryName {
  readonly forge: string
  readonly owner: string
  readonly name: string
}

const PART = String.raw`[A-Za-z0-9][A-Za-z0-9._-]*|\.[A-Za-z0-9._-]+`
const SHORT = new RegExp(`^(${PART})/(${PART})$`)

/** `owner/name`, else null. */
export function parseOwnerName(text: string): { owner: string; name: string } | null {
  const [, owner, name] = SHORT.exec(text) ?? []
  return owner === undefined || name === undefined ? null : { owner, name: name.replace(/\.git$/, '') }
}

/**
 * The repository that a git URL names: `https://host/owner/name.git`, `ssh://git@host:22/owner/name`, `git@host:owner/name`.
 * Null for a path, a `file:` URL, or a path of more or fewer than two parts (those need `--name`).
 */
export function parseRemote(url: string): RepositoryName | null {
  const scp = /^(?:[\w.-]+@)?([\w.-]{2,}):(?!\/\/)\/?(.+)$/.exec(url)
  const full = /^(?:https?|ssh|git(?:\+ssh)?):\/\/(?:[^@/]*@)?([\w.-]+)(?::\d+)?\/(.+)$/i.exec(url)
  const [, host, path] = full ?? scp ?? []
  if (host === undefined || path === undefined) return null
  const named = parseOwnerName(path.replace(/\/+$/, ''))
  return named === null ? null : { forge: host.toLowerCase(), ...named }
}
