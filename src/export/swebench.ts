import type { FullTask } from '../query/tasks.ts'
import type { ExportFormat } from './types.ts'

/**
 * SWE-bench's JSON Lines: its own keys first, in its order, the two lists as JSON-encoded strings; then the extra keys that
 * SWE-rebench brought up (`install_config`) and ours under `meta`.
 */
export const swebench: ExportFormat = {
  name: 'swebench',
  title: 'SWE-bench JSON Lines',
  write: (task) => `${JSON.stringify({ ...instance(task), ...extras(task) })}\n`,
}

function instance(task: FullTask) {
  return {
    repo: task.repository,
    instance_id: task.name,
    base_commit: task.snapshot.baseCommit,
    patch: task.snapshot.fixPatch.toString(),
    test_patch: task.snapshot.testPatch.toString(),
    problem_statement: task.statement.issue,
    hints_text: task.statement.hints,
    created_at: (task.statementAt ?? task.mergedAt).toISOString(),
    version: task.snapshot.tag ?? '',
    FAIL_TO_PASS: JSON.stringify(task.failToPass),
    PASS_TO_PASS: JSON.stringify(task.passToPass),
    environment_setup_commit: task.snapshot.baseCommit,
  }
}

function extras(task: FullTask) {
  const { strategy } = task
  return {
    language: task.language,
    install_config: {
      install: strategy.install.map(({ argv }) => argv.join(' ')),
      build: strategy.build.map(({ argv }) => argv.join(' ')),
      test_cmd: strategy.tests.map((plan) => [plan.framework, ...plan.arguments].join(' ')),
      toolchain: strategy.toolchain,
      log_parser: 'quarry',
    },
    docker_image: null,
    meta: {
      revision: task.revision,
      content_hash: task.contentHash,
      sequence: task.sequence,
      merged_at: task.mergedAt.toISOString(),
      pull: task.pull,
      flags: task.flags,
      flaky: task.flaky,
      before: task.beforeStatuses,
      environment: task.environment.layer,
    },
  }
}
