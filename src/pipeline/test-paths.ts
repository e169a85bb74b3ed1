import { type Ecosystem, ecosystems, isOf, proposalsOf, type ToolVersions } from '../ecosystems/index.ts'
import { type Mirror, openTree } from '../git/index.ts'
import { kindByPath } from '../languages/index.ts'
import type { TreeReader, TreeSettings } from '../model/index.ts'
import { frameworkNamed, recognise, recognises, type TestPaths } from '../test-frameworks/index.ts'

/**
 * What the owners say of paths, and what the test frameworks' own configuration does, over all frameworks that the owners' settings or the
 * repository's scripts start.
 */
export async function testPathsAt(
  mirror: Mirror,
  treeish: string,
  tools: ToolVersions,
  gateway: string,
  settings: TreeSettings,
): Promise<TestPaths> {
  const stated = settings.paths === null ? {} : { stated: settings.paths }
  const tree = await openTree(mirror, treeish)
  const all = { tests: new Set<string>(), support: new Set<string>(), configuration: new Set<string>() }
  for (const ecosystem of ecosystems.filter((one) => one.detect(tree))) {
    const proposals = await proposalsOf(ecosystem, {
      tree,
      changedPaths: [],
      testPaths: testsByName(tree, ecosystem),
      mergedAt: new Date(),
      tools,
      recognises,
      gateway,
      stated: settings.environment,
    })
    const proposal = proposals.find(({ unfollowed }) => unfollowed === undefined)
    for (const invocation of proposal?.invocations ?? []) {
      const project = proposal?.project(invocation.directory)
      const plan = project === undefined ? null : await recognise(invocation, project)
      if (plan === null || project === undefined) continue
      const paths = await frameworkNamed(plan.framework).testPaths(plan, project)
      for (const kind of ['tests', 'support', 'configuration'] as const)
        for (const glob of paths[kind] ?? []) all[kind].add(glob)
    }
  }
  return { tests: [...all.tests], support: [...all.support], configuration: [...all.configuration], ...stated }
}

function testsByName(tree: TreeReader, ecosystem: Ecosystem): string[] {
  return tree.paths.filter((path) => kindByPath(path) === 'test' && isOf(ecosystem, path)).slice(0, 200)
}
