/** A relative path from a directory, both relative to the root; `.` for the root. */
export function joined(directory: string, step: string): string {
  const parts = directory === '.' ? [] : directory.split('/')
  for (const part of step.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.length === 0 ? '.' : parts.join('/')
}
