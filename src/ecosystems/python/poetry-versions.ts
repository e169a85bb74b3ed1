/**
 * A version of Poetry's words (`^1.2`, `~1.2`, `1.*`, `>=1,<2 || >=3`) as PEP 440 has it; '' for any; null where it can't be said, as for an
 * alternative.
 */
export function specifierOf(version: string): string | null {
  const text = version.trim()
  if (text === '' || text === '*') return ''
  if (text.includes('|')) return null
  const parts = text.split(',').map((part) => partOf(part.trim()))
  return parts.some((part) => part === null) ? null : parts.join(',')
}

function partOf(part: string): string | null {
  const { sign, version } = /^(?<sign>\^|~=|~|===?|!=|>=|<=|>|<)?\s*(?<version>[\w.*+!-]+)$/.exec(part)?.groups ?? {}
  if (version === undefined) return null
  if (sign === '^') return `>=${version},<${upperOfCaret(version)}`
  if (sign === '~') return `>=${version},<${upperOfTilde(version)}`
  if (sign === undefined || sign === '=') return `==${version}`
  return `${sign}${version}`
}

/** The first number that is not zero may not change. */
function upperOfCaret(version: string): string {
  const numbers = numbersOf(version)
  const first = numbers.findIndex((number) => number > 0)
  const at = first === -1 ? numbers.length - 1 : first
  return [...numbers.slice(0, at), (numbers[at] ?? 0) + 1].join('.')
}

function upperOfTilde(version: string): string {
  const [major = 0, minor] = numbersOf(version)
  return minor === undefined ? `${major + 1}` : `${major}.${minor + 1}`
}

function numbersOf(version: string): readonly number[] {
  const release = /^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '0'
  return release.split('.').map(Number)
}
