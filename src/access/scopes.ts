/** What a token may do; one word each, as users give them. */
export const scopes = {
  'tasks:read': 'tasks, their snapshots, environments, certificates and versions',
  'tests:read': 'the names and patches of tests, and the logs of grades',
  'solutions:read': 'fix patches',
  'grades:write': 'have patches graded, and read those grades',
  'leases:write': 'lease tasks',
  'outcomes:write': 'report outcomes',
  operate: 'figures, candidates, repositories and suspects',
} as const

export type Scope = keyof typeof scopes

export const scopeNames = Object.keys(scopes) as readonly Scope[]

export function isScope(name: string): name is Scope {
  return Object.hasOwn(scopes, name)
}
