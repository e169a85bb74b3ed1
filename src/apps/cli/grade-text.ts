import type { GradeLine } from './lines.ts'
import type { Output } from './output.ts'

/** The verdict, and by name what speaks against it. */
export function printGrade(output: Output, grade: GradeLine): void {
  const failToPass = `${grade.fail_to_pass.passed.length} of ${grade.fail_to_pass.passed.length + grade.fail_to_pass.failed.length}`
  const passToPass = `${grade.pass_to_pass.passed} of ${grade.pass_to_pass.passed + grade.pass_to_pass.failed.length}`
  output.text(`${grade.task}: ${grade.verdict}, reward ${grade.reward ?? 'none'}`)
  output.text(`  fail to pass: ${failToPass} passed; pass to pass: ${passToPass} passed`)
  output.text(...[...grade.fail_to_pass.failed, ...grade.pass_to_pass.failed].map((test) => `  not passed: ${test}`))
  if (grade.run !== null) output.text(`  run ${grade.run.ended} in ${grade.run.seconds.toFixed(1)} s`)
}
