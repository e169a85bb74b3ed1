import type { Ecosystem } from '../types.ts'

type Explanation = ReturnType<Ecosystem['explain']>

interface Cause {
  readonly reason: Explanation['reason']
  readonly pattern: RegExp
  /** What the pattern's groups say, in words. */
  readonly detail?: (groups: readonly string[]) => string
}

/** What cargo prints, the most telling first. */
const causes: readonly Cause[] = [
  {
    reason: 'toolchain-not-available',
    pattern: /requires rustc (?<version>[\d.]+(?:-\w+)?) or newer/,
    detail: ([version = '']) => `rust ${version}`,
  },
  {
    reason: 'toolchain-not-available',
    pattern: /feature `(?<feature>[\w-]+)` is required|may not be used on the stable release channel/,
    detail: () => 'rust nightly',
  },
  { reason: 'package-not-available', pattern: /no matching package named `(?<name>[^`]+)` found/ },
  { reason: 'package-not-available', pattern: /failed to select a version for the requirement `(?<need>[^`]+)`/ },
  { reason: 'package-not-available', pattern: /Unable to update (?<address>(?:https?|ssh|git|file):\/\/\S+)/ },
  {
    reason: 'package-not-available',
    pattern: /failed to (?:clone into|fetch into)[^\n]*\n[\s\S]{0,400}?(?<address>(?:https?|ssh):\/\/\S+)/,
  },
  { reason: 'package-not-available', pattern: /failed to (?:download|query replaced source)[^\n]*`(?<name>[^`]+)`/ },
  { reason: 'package-not-available', pattern: /registry `(?<registry>[^`]+)` (?:index|not found|was not found)/ },
  {
    reason: 'install-failed',
    pattern: /The system library `(?<library>[^`]+)` required by crate `(?<crate>[^`]+)` was not found/,
    detail: ([library = '', crate = '']) => `system library ${library}, needed by ${crate}`,
  },
  {
    reason: 'install-failed',
    pattern: /Could not find `?(?<program>protoc|cmake|pkg-config|clang|libclang)`?/i,
    detail: ([program = '']) => `program ${program}`,
  },
  {
    reason: 'install-failed',
    pattern: /is `(?<program>cmake|protoc|pkg-config|clang|nasm|perl|make)` not installed/,
    detail: ([program = '']) => `program ${program}`,
  },
  { reason: 'install-failed', pattern: /(?<what>the lock file \S+ needs to be updated)/ },
  {
    reason: 'install-failed',
    pattern: /^error: failed to run custom build command for `(?<crate>[\w. -]+)/m,
    detail: ([crate = '']) => `the build script of ${crate.trim()}`,
  },
  {
    reason: 'install-failed',
    // The repository's own are kept from being compiled in an install, and say nothing of errors.
    pattern: /^error: could not compile `(?<crate>[\w-]+)`[^\n]* due to /m,
    detail: ([crate = '']) => `${crate} does not compile`,
  },
  {
    reason: 'install-failed',
    pattern: /^error: could not compile `(?<crate>[\w-]+)`/m,
    detail: ([crate = '']) => `${crate} does not compile`,
  },
]

/** Reads the log of a failed install: the refusal it amounts to, and what is missing. */
export function explainInstall(log: string): Explanation {
  for (const { reason, pattern, detail } of causes) {
    const match = pattern.exec(log)
    if (match === null) continue
    const groups = match.slice(1).filter((group) => group !== undefined)
    return { reason, detail: (detail?.(groups) ?? groups[0] ?? match[0]).trim().slice(0, 300) }
  }
  return { reason: 'install-failed', detail: lastError(log) }
}

function lastError(log: string): string {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return (lines.findLast((line) => line.startsWith('error')) ?? lines.at(-1) ?? '').slice(0, 300)
}
