import type { FullTask } from '../query/tasks.ts'

/** A way out for tasks: turns each into lines of a format that others read. */
export interface ExportFormat {
  readonly name: string
  readonly title: string
  /** One task as bytes of the file, its line end included. The same task gives the same bytes. */
  write(task: FullTask): string
}
