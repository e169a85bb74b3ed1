/** One line from a program of the tests to the test that started it (`Program.heard`). */
export function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}
