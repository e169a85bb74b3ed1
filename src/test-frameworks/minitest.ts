import { globsFromRoot } from './configuration.ts'
import { fromDirectory } from './launch.ts'
import { planFor } from './program.ts'
import { parseReport } from './report.ts'
import { anyMentions, filesOf, requiredFiles, rubyCall, rubyCommand } from './ruby-launch.ts'
import type { TestFramework } from './types.ts'

const library = /\bminitest\b|\bMini[Tt]est\b|\bActiveSupport::TestCase\b|active_support\/test_case/

/** minitest, with its classes and its `describe`. It is started by plain `ruby`: its files tell that it is meant. */
export const minitest: TestFramework = {
  name: 'minitest',
  ecosystem: 'ruby',
  async recognise(invocation, project) {
    const call = rubyCall(invocation)
    if (call === null) return null
    const files = filesOf(project, call.files)
    if (!(await anyMentions(project, files, library))) return null
    const plan = planFor('minitest', invocation, call.files, project.lockedVersion('minitest'))
    return { ...plan, nodeArguments: call.own }
  },
  async testPaths(plan, project) {
    return {
      tests: globsFromRoot(project, plan.arguments),
      support: requiredFiles(project, plan.nodeArguments),
      configuration: [],
    }
  },
  command: (plan, files) =>
    rubyCommand(plan, 'ruby_minitest.rb', files === null ? plan.arguments : fromDirectory(plan, files)),
  parse: parseReport,
}
