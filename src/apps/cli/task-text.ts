import type { TaskDetail } from './lines.ts'
import type { Output } from './output.ts'

/** A task as a person reads it: what to do, and by which tests it is judged. */
export function printTask(output: Output, task: TaskDetail): void {
  output.heading(`${task.task} (revision ${task.revision})`)
  output.text(
    `${task.repository}#${task.pull}, merged ${task.merged_at}, ${task.language}, ${task.frameworks.join(' ')}`,
  )
  output.heading('Statement')
  output.text(task.statement.issue.trim())
  output.heading('Tests that must pass after the fix, and do not before')
  output.text(...task.fail_to_pass.map((test) => `  ${test} (before: ${task.before[test] ?? 'failed'})`))
  output.text(
    '',
    `${task.pass_to_pass.length} further tests must still pass; ${task.flaky.length} flaky ones are left out.`,
  )
  if (task.flags.length > 0) output.text(`Flags: ${task.flags.join(', ')}`)
}
