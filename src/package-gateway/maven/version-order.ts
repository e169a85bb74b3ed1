/** Qualifiers in Maven's order; anything else comes behind them by its letters (Maven's POM reference, version order specification). */
const qualifiers = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']
const aliases: Readonly<Record<string, string>> = {
  a: 'alpha',
  b: 'beta',
  m: 'milestone',
  cr: 'rc',
  ga: '',
  final: '',
  release: '',
}

/** Compares two versions as Maven does, near enough: numbers by value, then qualifiers. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [tokens(a), tokens(b)]
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const order = compareTokens(left[at] ?? null, right[at] ?? null)
    if (order !== 0) return order
  }
  return 0
}

/** True for alphas, betas, milestones, candidates and snapshots. */
export function isPrerelease(version: string): boolean {
  return tokens(version).some(
    (token) => typeof token === 'string' && qualifiers.indexOf(token) < 5 && token !== '' && qualifiers.includes(token),
  )
}

function tokens(version: string): (number | string)[] {
  const parts = version.toLowerCase().match(/\d+|[a-z]+/g) ?? []
  const read = parts.map((part) => (/^\d/.test(part) ? Number(part) : (aliases[part] ?? part)))
  // 1.0.0 and 1 are one version, as are 1.0-ga and 1.0.
  while (read.length > 1 && (read.at(-1) === 0 || read.at(-1) === '')) read.pop()
  return read
}

function compareTokens(a: number | string | null, b: number | string | null): number {
  if (typeof a === 'number' || typeof b === 'number') {
    if (typeof a === 'string') return -1
    if (typeof b === 'string') return 1
    return (a ?? 0) - (b ?? 0)
  }
  const [left, right] = [rank(a ?? ''), rank(b ?? '')]
  return left === right ? (a ?? '').localeCompare(b ?? '') : left - right
}

function rank(qualifier: string): number {
  const found = qualifiers.indexOf(qualifier)
  return found < 0 ? qualifiers.length : found
}
