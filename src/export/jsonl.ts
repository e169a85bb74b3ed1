import type { FullTask } from '../query/tasks.ts'
import { installConfigOf, metaOf } from './instance.ts'
import type { ExportFormat } from './types.ts'

/** Everything that is held of a task, under Quarry's own names. */
export const jsonl: ExportFormat = {
  name: 'jsonl',
  title: 'raw JSON Lines',
  makes: 'lines',
  line: (task) => ({
    task: task.name,
    revision: task.revision,
    content_hash: task.contentHash,
    sequence: task.sequence,
    repository: task.repository,
    pull: task.pull,
    miner: task.miner,
    ecosystem: task.ecosystem,
    language: task.language,
    frameworks: task.frameworks,
    visibility: task.visibility,
    flags: task.flags,
    merged_at: task.mergedAt.toISOString(),
    statement_at: task.statementAt?.toISOString() ?? null,
    vetted_at: task.publishedAt.toISOString(),
    files_changed: task.filesChanged,
    lines_changed: task.linesChanged,
    statement: task.statement,
    ...snapshotOf(task),
    ...testsOf(task),
    environment: environmentOf(task),
  }),
}

function snapshotOf(task: FullTask) {
  const { baseCommit, baseTree, beforeTree, afterTree, tag, fixPatch, testPatch, changes, testPaths } = task.snapshot
  const { patch_base64, test_patch_base64 } = metaOf(task)
  return {
    base_commit: baseCommit,
    base_tree: baseTree,
    before_tree: beforeTree,
    after_tree: afterTree,
    tag,
    fix_patch: fixPatch.toString(),
    test_patch: testPatch.toString(),
    ...(patch_base64 === undefined ? {} : { fix_patch_base64: patch_base64 }),
    ...(test_patch_base64 === undefined ? {} : { test_patch_base64 }),
    changes: changes.map(({ path, status, kind }) => ({ path, status, kind })),
    test_paths: testPaths,
  }
}

function testsOf(task: FullTask) {
  return {
    fail_to_pass: task.failToPass,
    pass_to_pass: task.passToPass,
    flaky: task.flaky,
    before: task.beforeStatuses,
    after_seconds: task.afterSeconds,
    cores: task.cores,
  }
}

function environmentOf(task: FullTask) {
  const { strategy, environment } = task
  return {
    strategy: strategy.name,
    toolchain: strategy.toolchain,
    install: strategy.install,
    build: strategy.build,
    tests: strategy.tests,
    variables: strategy.variables,
    overrides: strategy.overrides,
    as_of: strategy.asOf,
    evidence: strategy.evidence,
    commands: installConfigOf(task),
    layer: environment.layer,
    root: environment.root,
  }
}
