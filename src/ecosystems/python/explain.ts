type Explanation = {
  readonly reason: 'package-not-available' | 'toolchain-not-available' | 'install-failed' | 'needs-service'
  readonly detail: string
}

/** What pip and uv print where a package, or a version that would do, is not there; the first group names it. */
const notAvailable: readonly RegExp[] = [
  /No matching distribution found for (\S+)/,
  /Could not find a version that satisfies the requirement (\S+)/,
  /Because (\S+) was not found in the package registry/,
  /Because there (?:are|is) no versions? of (\S+)/,
  /there are no versions of (\S+?)[,\s]/,
  /Because only (?:the following versions of )?(\S+?)[ =<>!~]/,
]

/** Installs that went past the index: git hosts and other servers. */
const elsewhere: readonly RegExp[] = [
  /(?:git clone|git fetch|Cloning)[^\n]*?((?:ssh|https?|git):\/\/\S+?|git@\S+?)(?:\s|`|$)/,
  /Could not resolve host:? ([\w.-]+)/,
  /(?:error sending request for url|Failed to (?:fetch|download)[^\n]*?)[ :`(]+(https?:\/\/(?!127\.0\.0\.1)[^\s`)]+)/,
  /host='([\w.-]+)'[^\n]*(?:NewConnectionError|NameResolutionError|Max retries)/,
]

const toolchain: readonly RegExp[] = [
  /requires a different Python: [\d.]+ not in '?([^'\n]+)'?/,
  /(?:The current Python version|the requested Python version) \([^)]*\) does not satisfy (Python\s*[^\s,]+)/i,
  /error: (?:command '?)?(cargo|rustc|gfortran|cmake|ninja|swig|pg_config|mysql_config|nvcc|go)'?[^\n]*(?:not found|No such file|failed: No such)/,
  /(?:can't find|cannot find) Rust compiler/i,
  /fatal error: ([\w/.-]+\.h): No such file/,
]

/** Reads a failed install's log: the refusal it amounts to, and the package, host or tool that it names. */
export function explainInstall(log: string): Explanation {
  for (const [reason, patterns] of [
    ['package-not-available', elsewhere],
    ['toolchain-not-available', toolchain],
    ['package-not-available', notAvailable],
  ] as const) {
    for (const pattern of patterns) {
      const match = pattern.exec(log)
      if (match === null) continue
      const named = (match[1] ?? match[0]).trim().slice(0, 200)
      return { reason, detail: pattern === toolchain[0] ? `python ${named}` : named }
    }
  }
  return { reason: 'install-failed', detail: lastLines(log) }
}

function lastLines(log: string): string {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const telling = lines.filter((line) => /\berror\b|failed|Error:/i.test(line))
  return (telling.length > 0 ? telling : lines).slice(-3).join('\n').slice(-500)
}
