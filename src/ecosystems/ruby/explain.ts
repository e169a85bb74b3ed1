type Explanation = {
  readonly reason: 'package-not-available' | 'toolchain-not-available' | 'install-failed' | 'needs-service'
  readonly detail: string
}

/** What bundler and `gems.rb` print where a gem is not there; the group names it. */
const notAvailable: readonly RegExp[] = [
  /^no gem of this machine has (\S+)/m,
  /^no gem of this machine is (.+)$/m,
  /Could not find gem '([^']+)'/,
  /Could not find (\S+) in (?:locally installed gems|any of the sources|cached gems)/,
  /(?:git source|The git source) (\S+) is not yet checked out/,
  /Bundler could not find compatible versions for gem "([^"]+)"/,
  /(?:Could not resolve host:|Failed to open TCP connection to) ([\w.-]+)/,
]

/** Reads a failed install's log: the gem or Ruby that is missing. */
export function explainInstall(log: string): Explanation {
  const ruby = /Your Ruby version is \S+, but your Gemfile specified ([^\n]+)/.exec(log)?.[1]
  if (ruby !== undefined) return { reason: 'toolchain-not-available', detail: `ruby ${ruby.trim()}` }
  for (const pattern of notAvailable) {
    const gem = pattern.exec(log)?.[1]
    if (gem !== undefined) return { reason: 'package-not-available', detail: gem.slice(0, 200) }
  }
  const lines = log.split('\n').map((line) => line.trim())
  const telling = lines.filter((line) => /error|failed|cannot|can't/i.test(line))
  return {
    reason: 'install-failed',
    detail: (telling.at(-1) ?? lines.findLast((line) => line !== '') ?? '').slice(0, 300),
  }
}
