import { type Scope, scopeNames } from './scopes.ts'

/** Who asks, and what exists for it. */
export interface Caller {
  /** Null: the command line. */
  readonly tokenId: number | null
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
  /** Accounts whose tasks exist for it, in lower case; null: all. */
  readonly owners: readonly string[] | null
}

/** The command line on the operator's own machine: everything exists for it. */
export const localCaller: Caller = { tokenId: null, name: 'command line', scopes: new Set(scopeNames), owners: null }

/** Whose consumers' names are one's own: callers that see the same accounts share them. */
export function realmOf({ owners }: Caller): string {
  return owners === null ? '*' : [...owners].sort().join(',')
}
