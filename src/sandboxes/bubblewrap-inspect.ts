import type { Finding, SandboxResult, SandboxSpec } from './types.ts'

/** What this machine has and lacks. */
export async function inspectBubblewrap(
  trial: (spec: SandboxSpec) => Promise<SandboxResult>,
): Promise<readonly Finding[]> {
  void trial
  return []
}
