/** A line for who waits. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
