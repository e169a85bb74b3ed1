import type { Command } from 'commander'
import type { Run } from '../session.ts'

/** One command of `quarry`: adds itself, with its help and an example, to the program. */
export type Register = (program: Command, run: Run) => void
