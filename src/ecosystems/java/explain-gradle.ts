import type { Explanation } from './explain.ts'

const coordinates = '([\\w.-]+:[\\w.-]+(?::[\\w.+-]+)?)'

/** What Gradle prints where something is not to be had; the first group names it. */
const notAvailable: readonly RegExp[] = [
  /Plugin \[id: '([\w.-]+)'/,
  new RegExp(`Could not find (?:any version that matches |any matches for |\\S+\\.(?:jar|aar|zip) \\()?${coordinates}`),
  new RegExp(`(?:No cached version of|Could not (?:resolve|download)) ${coordinates}`),
  new RegExp(`Could not (?:resolve|download) [^\\n]*?\\(${coordinates}`),
  /Could not (?:GET|HEAD|get resource) '(?:https?:\/\/127\.0\.0\.1:\d+\/~maven\/)?([^'\n]+)'/,
]
/** A build whose scripts another Gradle does not understand. */
const notUnderstood =
  /A problem occurred (?:evaluating|configuring)|Could not compile (?:build|settings) file|Failed to apply plugin|Could not open (?:cp_)?(?:proj|settings|init)_?\w* (?:generic |remapped )?class cache/

/** Reads what Gradle says of a failed install; null where it is not Gradle who speaks. */
export function explainGradle(log: string): Explanation | null {
  if (!/^\* What went wrong:/m.test(log)) return null
  const least =
    /(?:Minimum supported Gradle version is|requires (?:at least )?Gradle(?: version)?|Please use Gradle(?: Gradle)?) (?<version>\d[\w.]*\w)/i.exec(
      log,
    )?.groups?.version
  if (least !== undefined) return { reason: 'toolchain-not-available', detail: `gradle ${least}` }
  if (/SDK location not found|ANDROID_(?:HOME|SDK_ROOT)/.test(log))
    return { reason: 'toolchain-not-available', detail: 'android sdk' }
  const kit =
    /(?:No (?:matching|compatible) toolchains? found|Cannot find a Java installation|No locally installed toolchains match)[^\n]*?languageVersion=(?<java>\d+)/.exec(
      log,
    )?.groups?.java
  if (kit !== undefined) return { reason: 'toolchain-not-available', detail: `java ${kit}` }
  for (const pattern of notAvailable) {
    const found = pattern.exec(log)?.[1]
    if (found !== undefined) return { reason: 'package-not-available', detail: found.replace(/\.$/, '') }
  }
  const words = wentWrong(log)
  const other = /gradle (?<used>\S+) is used, and (?<asked>\S+) is asked for/.exec(log)?.groups
  if (other !== undefined && notUnderstood.test(log))
    return { reason: 'toolchain-not-available', detail: `gradle ${other.asked} (on ${other.used}: ${words})` }
  return { reason: 'install-failed', detail: words }
}

/** What stands below Gradle's own headings, each once; what a compiler said comes before them, and says more. */
function wentWrong(log: string): string {
  const compiler = [...log.matchAll(/^\S+\.(?:java|kt|groovy):\d+: error: .*$|^e: .*$/gm)].map(([line]) =>
    line.replace('/testbed/', ''),
  )
  const blocks = [...log.matchAll(/^\* What went wrong:\n(?<block>[\s\S]*?)(?=\n\n\* |\n\* Try:|$(?![\s\S]))/gm)]
  const lines = blocks.flatMap(({ groups }) =>
    (groups?.block ?? '').split('\n').map((line) => line.replace(/^[\s>]+/, '').trim()),
  )
  return [...new Set([...compiler.slice(0, 3), ...lines.filter((line) => line !== '').slice(0, 4)])]
    .join('; ')
    .slice(0, 400)
}
