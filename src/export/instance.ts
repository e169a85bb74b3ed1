import { isUtf8 } from 'node:buffer'
import type { Command, TestPlan } from '../model/index.ts'
import type { FullTask } from '../query/tasks.ts'

/** A task as SWE-bench's columns have it, in its order; the two lists as lists. */
export function instanceOf(task: FullTask) {
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
    FAIL_TO_PASS: task.failToPass,
    PASS_TO_PASS: task.passToPass,
    environment_setup_commit: task.snapshot.baseCommit,
  }
}

/** The same as SWE-bench's JSON Lines have it: the two lists are JSON in strings. */
export function instanceLine(task: FullTask) {
  const instance = instanceOf(task)
  return {
    ...instance,
    FAIL_TO_PASS: JSON.stringify(instance.FAIL_TO_PASS),
    PASS_TO_PASS: JSON.stringify(instance.PASS_TO_PASS),
  }
}

/** How a task is installed, built and tested: SWE-rebench's key, with ours. */
export function installConfigOf({ strategy }: FullTask) {
  return {
    install: strategy.install.map(commandText),
    build: strategy.build.map(commandText),
    test_cmd: strategy.tests.map(planText),
    toolchain: strategy.toolchain,
    as_of: strategy.asOf,
    log_parser: 'quarry',
  }
}

function commandText({ argv, directory }: Command): string {
  return directory === '.' ? argv.join(' ') : `cd ${directory} && ${argv.join(' ')}`
}

function planText(plan: TestPlan): string {
  const command = [plan.framework, ...plan.arguments].join(' ')
  return plan.directory === '.' ? command : `cd ${plan.directory} && ${command}`
}

/** What else is known of a task, beside what other tools ask for. */
export function metaOf(task: FullTask) {
  return {
    revision: task.revision,
    content_hash: task.contentHash,
    sequence: task.sequence,
    merged_at: task.mergedAt.toISOString(),
    pull: task.pull,
    flags: task.flags,
    flaky: task.flaky,
    before: task.beforeStatuses,
    environment: task.environment.layer,
    ...exactPatches(task),
  }
}

/** JSON holds text: a patch whose bytes are none (a file in Latin-1) would not apply as it was read, so its bytes stand beside it. */
function exactPatches({ snapshot: { fixPatch, testPatch } }: FullTask) {
  return {
    ...(isUtf8(fixPatch) ? {} : { patch_base64: fixPatch.toString('base64') }),
    ...(isUtf8(testPatch) ? {} : { test_patch_base64: testPatch.toString('base64') }),
  }
}
