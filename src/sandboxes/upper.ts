import path from 'node:path'

/** The folder that holds what a command wrote to /testbed over the layers: new files whole, deletions as whiteouts. */
export function upperOf(scratch: string): string {
  return path.join(scratch, 'upper')
}
