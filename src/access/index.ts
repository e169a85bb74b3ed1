export { type Caller, localCaller, realmOf } from './caller.ts'
export { type Scope, scopeNames, scopes } from './scopes.ts'
export {
  completeServing,
  forgetServings,
  type ListedServing,
  listServings,
  recordServings,
  type Serving,
  type ServingFilter,
} from './servings.ts'
export { callerOf, createToken, type ListedToken, listTokens, type NewToken, noteUse, revokeToken } from './tokens.ts'
