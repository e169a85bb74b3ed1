/** `~> 2.5`, `>= 2.7, < 4`, `3.1`: one condition of RubyGems each. */
interface Condition {
  readonly operator: string
  readonly version: readonly number[]
}

/** The conditions of a requirement as RubyGems writes it; null where a part can't be read. */
function conditionsOf(requirement: string): readonly Condition[] | null {
  const parts = requirement.split(',').map((part) => /^\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+)*)/.exec(part))
  if (parts.some((part) => part === null)) return null
  return parts.flatMap((part) =>
    part === null ? [] : [{ operator: part[1] ?? '=', version: (part[2] ?? '').split('.').map(Number) }],
  )
}

/** Whether a version meets a requirement of RubyGems (`~> 2.5`, `>= 2.7, < 4`); what can't be read asks for nothing. */
export function meets(version: string, requirement: string): boolean {
  const own = version.split('.').map(Number)
  return (conditionsOf(requirement) ?? []).every((condition) => meetsOne(own, condition))
}

function meetsOne(own: readonly number[], { operator, version }: Condition): boolean {
  const order = compared(own, version)
  switch (operator) {
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    default:
      return order >= 0 && compared(own.slice(0, Math.max(1, version.length - 1)), version.slice(0, -1)) <= 0
  }
}

/** Negative where `a` is older, positive where it is newer. */
function compared(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

export function compareVersions(a: string, b: string): number {
  return compared(a.split('.').map(Number), b.split('.').map(Number))
}
