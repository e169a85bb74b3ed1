import semver from 'semver'
import { type Refused, refuse } from '../../model/index.ts'
import { once } from '../../once.ts'
import type { ProvidedTool, Toolchains, ToolOptions } from '../types.ts'
import { bringGradle } from './gradle-tool.ts'
import { compareGradles, findGradles, type GradleDistribution, wholeVersion } from './gradles.ts'
import { findJdks, type Jdk } from './jdks.ts'
import { bringMaven, mavenVersions } from './maven-tool.ts'

/** The machine's own development kits and Gradles, and Maven out of the repository that it comes from. */
export function openToolchains(options: ToolOptions): Toolchains {
  const running = new Map<string, Promise<ProvidedTool | Refused>>()
  const jdks = once(() => findJdks(options.environment))
  const gradles = once(() => findGradles(options.environment))

  async function resolveVersion(name: string, wanted: string): Promise<string | null> {
    if (name === 'java') return highest(await jdks(), wanted)
    if (name === 'gradle') return newest(await gradles(), wanted)
    if (name !== 'maven') return null
    const versions = await mavenVersions(options)
    return semver.validRange(wanted) === null ? null : semver.maxSatisfying([...versions], wanted)
  }

  async function bring(name: string, version: string): Promise<ProvidedTool | Refused> {
    const found = await jdks()
    if (name === 'java') {
      const jdk = found.find((each) => each.version === version)
      return jdk === undefined ? missing(name, version) : { folder: jdk.folder, digest: jdk.build }
    }
    const compiler = found.find(({ feature }) => feature >= 9) ?? found[0]
    if (compiler === undefined) return missing(name, version)
    if (name === 'maven') return bringMaven(options, version, compiler)
    const distribution = name === 'gradle' ? (await gradles()).find((each) => each.version === version) : undefined
    return distribution === undefined ? missing(name, version) : bringGradle(options, distribution, compiler)
  }

  return {
    resolveVersion,
    provide(name, version) {
      const key = `${name}-${version}`
      const known = running.get(key)
      if (known !== undefined) return known
      const call = bring(name, version).finally(() => running.delete(key))
      running.set(key, call)
      return call
    },
  }
}

/** `17`, `>=11`, `1.8`: by feature releases. */
function highest(jdks: readonly Jdk[], wanted: string): string | null {
  const range = semver.validRange(wanted.replace(/\b1\.([5-8])\b/g, '$1'))
  if (range === null) return null
  return jdks.findLast(({ feature }) => semver.satisfies(`${feature}.0.0`, range))?.version ?? null
}

/** Ranges know no builds: what Debian made of a version stands for it. */
function newest(gradles: readonly GradleDistribution[], wanted: string): string | null {
  const fitting = gradles.filter(({ version }) => semver.satisfies(wholeVersion(version) ?? '', wanted))
  return fitting.toSorted((a, b) => compareGradles(a.version, b.version)).at(-1)?.version ?? null
}

function missing(tool: string, version: string): Refused {
  return refuse('toolchain-not-available', { tool, version, detail: `${tool} ${version}` })
}
