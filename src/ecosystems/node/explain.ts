type Explanation = {
  readonly reason: 'package-not-available' | 'toolchain-not-available' | 'install-failed' | 'needs-service'
  readonly detail: string
}

/** What the package managers print when a package or version is not there; the first group names it. */
const notAvailable: readonly RegExp[] = [
  /(?:ERR!|error) 404\s+(?:Not Found - GET )?'?(?:https?:\/\/[^\s/]+\/)?(@?[\w.%/@^~<>=*-]+)'?/i,
  /notarget No matching version found for (\S+?)\.?\s/,
  /ERR_PNPM_(?:NO_MATCHING_VERSION|FETCH_404)\w*[^\n]*?(?:for |GET https?:\/\/[^\s/]+\/)(\S+?):?\s/,
  /Couldn't find (?:any versions for |package )"([^"]+)"/,
  /(?<!\S)(\S+): No candidates found/,
  /error \S*: "?https?:\/\/[^\s/]+\/(\S+?)"?: Not found/i,
  /(?:Request failed|Tarball request failed) "?404[^\n]*\/([^\s"]+)"?/,
]

/** Installs that went past the registries: git hosts and downloads of install scripts. */
const elsewhere: readonly RegExp[] = [
  /(?:\bls-remote|git clone|Cloning into)[^\n]*?((?:ssh|https?|git)(?:\+\w+)?:\/\/\S+|git@\S+)/,
  /Could not resolve host(?:name)?:? ([\w.-]+)/,
  /(?:ssh: connect to host ([\w.-]+)|Could not read from remote repository|ssh: not found|cannot run ssh)/,
  /(?:getaddrinfo (?:ENOTFOUND|EAI_AGAIN)|connect ECONNREFUSED) ([\w.:-]+)/,
  /unable to access '([^']+)'/,
  /403[^\n]*?(https?:\/\/\S+)/,
]

const toolchain: readonly RegExp[] = [
  /EBADENGINE[^\n]*\n?[^\n]*required: \{([^}]*)\}/,
  /(?:The engine "node" is incompatible[^\n]*|ERR_PNPM_UNSUPPORTED_ENGINE[^\n]*)/,
  /(?:not found: (?:make|gcc|g\+\+|python3?)|gyp ERR! find Python)/,
]

const service: readonly RegExp[] = [/ECONNREFUSED (?:127\.0\.0\.1|::1|localhost):(5432|3306|6379|27017|9200|5672)/]

/** Reads a failed install's log: the refusal it amounts to, and the package or host that it names. */
export function explainInstall(log: string): Explanation {
  const known: readonly (readonly [Explanation['reason'], readonly RegExp[]])[] = [
    ['needs-service', service],
    ['package-not-available', notAvailable],
    ['package-not-available', elsewhere],
    ['toolchain-not-available', toolchain],
  ]
  for (const [reason, patterns] of known) {
    for (const pattern of patterns) {
      const match = pattern.exec(log)
      if (match !== null) return { reason, detail: decoded((match[1] ?? match[0]).trim()) }
    }
  }
  return { reason: 'install-failed', detail: lastError(log) }
}

function decoded(text: string): string {
  return text.replaceAll(/%2f/gi, '/').replaceAll('%40', '@').slice(0, 200)
}

function lastError(log: string): string {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const telling = lines.filter(
    (line) => /\berr(?:or|!)?\b|ERR_|failed/i.test(line) && !/complete log of this run|A complete log/.test(line),
  )
  return (telling.at(-1) ?? lines.at(-1) ?? '').slice(0, 300)
}
