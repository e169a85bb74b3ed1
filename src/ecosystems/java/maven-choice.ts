import type { TreeReader } from '../../model/index.ts'
import type { ToolVersions } from '../types.ts'

export interface MavenChoice {
  readonly version: string
  readonly evidence: string
}

/** Maven's present line reads the models of all before it. */
const usual = '^3.9.0'

/** The wrapper's version where it is to be had; else the newest of the usual line. */
export async function chooseMaven(
  tree: TreeReader,
  root: string,
  tools: ToolVersions,
  mergedAt: Date,
): Promise<MavenChoice | null> {
  const path = root === '.' ? '.mvn/wrapper/maven-wrapper.properties' : `${root}/.mvn/wrapper/maven-wrapper.properties`
  const wrapper = (await tree.read(path)) ?? ''
  const wanted = /^\s*distributionUrl\s*=.*?apache-maven-(?<version>\d[\w.-]*?)-bin\./m.exec(wrapper)?.groups?.version
  if (wanted !== undefined) {
    const version = await tools.resolveVersion('maven', wanted, mergedAt)
    if (version !== null) return { version, evidence: `maven ${version} ← ${path}` }
  }
  const version = await tools.resolveVersion('maven', usual, mergedAt)
  const why = wanted === undefined ? 'no wrapper says which' : `${path} says ${wanted}, which can't be had`
  return version === null ? null : { version, evidence: `maven ${version} ← ${why}` }
}
