import { Fault } from '../errors.ts'
import { refuse } from '../model/index.ts'
import type { Ecosystem, Toolchains, ToolOptions } from './types.ts'

/** The tools of every ecosystem, each brought by its own. */
export function openToolchains(ecosystems: readonly Ecosystem[], options: ToolOptions): Toolchains {
  const sources = new Map<string, Toolchains>()
  for (const ecosystem of ecosystems) {
    const source = ecosystem.openToolchains(options)
    for (const tool of ecosystem.tools) {
      if (sources.has(tool)) throw new Fault('ecosystem', `two ecosystems bring a tool called ${tool}`)
      sources.set(tool, source)
    }
  }
  return {
    resolveVersion: async (name, wanted, asOf) => (await sources.get(name)?.resolveVersion(name, wanted, asOf)) ?? null,
    provide: async (name, version) =>
      sources.get(name)?.provide(name, version) ?? refuse('toolchain-not-available', { tool: name, version }),
  }
}
