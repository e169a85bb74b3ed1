export { type Caller, localCaller, realmOf } from './caller.ts'
export { isScope, type Scope, scopeNames, scopes } from './scopes.ts'
export { callerOf, createToken, type NewToken } from './tokens.ts'
