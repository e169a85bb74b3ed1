import type { Proposal } from '../ecosystems/types.ts'
import type { Command, Flag, Strategy } from '../model/index.ts'

type Part = { readonly proposal: Proposal; readonly strategy: Strategy }
type TogetherStrategy = { readonly strategy: Omit<Strategy, 'tests'>; readonly tests: Strategy['tests'] }

/**
 * The strategies of several ecosystems as one: everything is installed and built in turn, each command and test with the variables of its
 * own ecosystem. `strategy` of a part is what was chosen of its `proposal` (perhaps without its builds).
 */
export function together(parts: readonly Part[]): TogetherStrategy {
  const each = <T>(pick: (part: Part) => readonly T[]): T[] => parts.flatMap(pick)
  const stated = Object.assign({}, ...parts.map(({ strategy }) => strategy.stated))
  return {
    strategy: {
      name: parts.map(({ strategy }) => strategy.name).join('+'),
      ecosystem: parts.map(({ strategy }) => strategy.ecosystem).join('+'),
      toolchain: Object.assign({}, ...parts.map(({ strategy }) => strategy.toolchain)),
      overrides: each(({ proposal }) => proposal.strategy.overrides),
      install: each(({ strategy }) => strategy.install.map((command) => withVariables(command, strategy))),
      build: each(({ strategy }) => strategy.build.map((command) => withVariables(command, strategy))),
      variables: {},
      asOf: parts.map(({ strategy }) => strategy.asOf).find((asOf) => asOf !== null) ?? null,
      flags: [...new Set<Flag>(each(({ strategy }) => strategy.flags))],
      evidence: each(({ strategy }) => strategy.evidence),
      ...(Object.keys(stated).length === 0 ? {} : { stated }),
    },
    tests: each(({ strategy }) =>
      strategy.tests.map((plan) => ({ ...plan, variables: { ...strategy.variables, ...plan.variables } })),
    ),
  }
}

function withVariables(command: Command, { variables }: Strategy): Command {
  return { ...command, variables: { ...variables, ...command.variables } }
}
