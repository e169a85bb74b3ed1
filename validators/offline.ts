import type { Validator } from './types.ts'

/** How Node's, Python's and Go's resolvers and sockets say that there is no network. */
const networkErrors =
  /\b(ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)\b|getaddrinfo\b|Temporary failure in name resolution|dial tcp|network is unreachable/i

/** The tests were run without a network; where that kept every FAIL_TO_PASS test from showing, it is said so. */
export const offline: Validator = {
  name: 'offline',
  async validate(facts) {
    const line = facts.logs.after.split('\n').find((text) => networkErrors.test(text))
    const failing =
      facts.after[0] === undefined
        ? 0
        : [...facts.after[0].statuses.values()].filter((status) => status === 'failed' || status === 'errored').length
    if (facts.failToPass.length === 0 && failing > 0 && line !== undefined) {
      return {
        verdict: 'refused',
        reason: 'needs-network',
        evidence: { line: line.trim().slice(0, 300), failing_after: failing },
      }
    }
    return { verdict: 'accepted', evidence: { network: 'none', network_error_seen: line !== undefined } }
  },
}
