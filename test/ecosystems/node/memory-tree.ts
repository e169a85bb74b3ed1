import semver from 'semver'
import type { ProposeContext, ToolVersions } from '../../../src/ecosystems/types.ts'
import { recognises } from '../../../src/test-frameworks/index.ts'
import { memoryTree } from '../../memory-tree.ts'

export { memoryTree }

const versions: Readonly<Record<string, readonly string[]>> = {
  node: ['14.21.3', '16.20.2', '18.19.0', '20.10.0', '20.18.3', '21.5.0', '22.12.0'],
  npm: ['6.14.18', '8.19.4', '10.9.9'],
  pnpm: ['7.33.7', '8.15.9', '9.12.1', '10.1.0'],
  yarn: ['1.22.22', '3.8.7', '4.5.0'],
}

/** Tools as they were at the end of 2024; the long-term line is 22. */
export const tools: ToolVersions = {
  resolveVersion: async (name, wanted) =>
    semver.maxSatisfying(
      [...(versions[name] ?? [])],
      wanted.startsWith('lts') ? '^22' : wanted === 'latest' ? '*' : wanted,
    ),
}

export function contextOf(
  files: Readonly<Record<string, unknown>>,
  changedPaths: readonly string[] = [],
  testPaths: readonly string[] = [],
): ProposeContext {
  return {
    tree: memoryTree(files),
    changedPaths,
    testPaths,
    mergedAt: new Date('2024-12-20T12:00:00Z'),
    tools,
    recognises,
    gateway: 'http://127.0.0.1:4873',
  }
}
