import type { TreeReader } from '../model/index.ts'
import { type SimpleCommand, splitShell } from './shell.ts'
import type { TaskEnvironment } from './types.ts'

/** A command that may start tasks which stand in the repository's own files. */
export interface TaskCall {
  readonly tree: TreeReader
  /** The program, wrappers taken off, and its arguments. */
  readonly words: readonly string[]
  readonly wrappers: readonly (readonly string[])[]
  readonly directory: string
  readonly variables: Readonly<Record<string, string>>
}

/** Commands that a task comes to, with what holds for them. */
export interface TaskPart {
  /** Where they stand: `Makefile test`. */
  readonly label: string
  readonly commands: readonly SimpleCommand[]
  readonly directory: string
  readonly variables?: Readonly<Record<string, string>>
  readonly environment?: TaskEnvironment
  /** What `$1`, `$2` … are. */
  readonly positional?: readonly string[]
}

/** Reads what a call comes to; null: it starts no task that stands in a file here. */
export type TaskRunner = (call: TaskCall) => Promise<readonly TaskPart[] | null>

/** A part out of shell texts, each of which starts where the part says. */
export function partsOf(texts: readonly string[], part: Omit<TaskPart, 'commands'>): readonly TaskPart[] {
  return texts.map((text) => ({ ...part, commands: splitShell(text) }))
}

/** Words as a command that needs no shell. */
export function commandOf(words: readonly string[], shell = false): SimpleCommand {
  return { words, assignments: {}, after: 'then', shell, text: words.join(' '), nesting: 0, within: null }
}
