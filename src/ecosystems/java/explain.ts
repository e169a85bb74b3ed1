import type { Ecosystem } from '../types.ts'
import { explainGradle } from './explain-gradle.ts'

export type Explanation = ReturnType<Ecosystem['explain']>

const coordinates = '([\\w.-]+:[\\w.-]+(?::[\\w.-]+){1,3})'

/** What Maven prints where an artifact is not to be had; the first group names it. */
const notAvailable: readonly RegExp[] = [
  new RegExp(`Could not find artifact ${coordinates}`),
  new RegExp(`Could not transfer artifact ${coordinates}`),
  new RegExp(
    `(?:Failure to find|was not found in \\S+ during a previous attempt|Cannot access \\S+ \\S+ in offline mode and the artifact) ${coordinates}`,
  ),
  new RegExp(`No versions? (?:available|found in range)[^\\n]*? ${coordinates}`),
  new RegExp(`Non-resolvable (?:parent|import) POM for [^\\n]*?: ${coordinates}`),
  new RegExp(`Plugin ${coordinates} or one of its dependencies could not be resolved`),
  /No plugin found for prefix '([^']+)'/,
]

const service: readonly RegExp[] = [/(Could not find a valid Docker environment|Cannot connect to the Docker daemon)/]

/** Reads a failed install's log: the refusal it amounts to, and the artifact or Java that it names. */
export function explainInstall(log: string): Explanation {
  for (const pattern of service) {
    const found = pattern.exec(log)?.[1]
    if (found !== undefined) return { reason: 'needs-service', detail: found }
  }
  const java = wantedJava(log)
  if (java !== null) return { reason: 'toolchain-not-available', detail: `java ${java}` }
  const gradle = explainGradle(log)
  if (gradle !== null) return gradle
  for (const pattern of notAvailable) {
    const found = pattern.exec(log)?.[1]
    if (found !== undefined) return { reason: 'package-not-available', detail: found }
  }
  // All that was asked for had come by then.
  const reason = /^\[ERROR\] COMPILATION ERROR/m.test(log) ? 'build-failed' : 'install-failed'
  return { reason, detail: lastErrors(log) }
}

/** The Java that the compiler or the class loader asks for. */
function wantedJava(log: string): string | null {
  const level =
    /(?:release version|invalid (?:target|source) release:?|Source option|Target option|Unsupported major.minor version|Unsupported class file major version) ?(?<level>[\d.]+)/.exec(
      log,
    )?.groups?.level
  const classFile = /class file (?:has wrong )?version (?<version>\d+)\.\d+/.exec(log)?.groups?.version
  if (classFile !== undefined) return String(Number(classFile) - 44)
  if (level === undefined) return null
  return Number(level) >= 44 ? String(Math.floor(Number(level)) - 44) : level.replace(/^1\./, '')
}

/** Maven's own last words: what failed, without its advice. */
function lastErrors(log: string): string {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const errors = lines.filter((line) =>
    /^\[(?:ERROR|FATAL)\] (?!\[Help|\[?Re-run|To see|For more|After correcting|COMPILATION ERROR)/.test(line),
  )
  const told = errors.length === 0 ? lines.slice(-3) : errors.slice(0, 3)
  return told
    .map((line) => line.replace(/^\[\w+\]\s*|\s*-> \[Help \d+\]$/g, ''))
    .join('; ')
    .slice(0, 400)
}
