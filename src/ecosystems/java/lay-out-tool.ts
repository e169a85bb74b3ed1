import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { Fault } from '../../errors.ts'
import { isThere } from './java-sources.ts'

/** Runs a step of making a build tool (`Maven`, `Gradle`) ready. Throws Fault where it fails. */
export async function command(tool: string, program: string, given: readonly string[]): Promise<void> {
  try {
    await execa(program, given, { timeout: 300_000, maxBuffer: 4_000_000 })
  } catch (error) {
    throw new Fault('toolchain', `${tool} could not be made ready`, { mend: 'check the free disk space', cause: error })
  }
}

/** Another process may have been first, which shows by the tool's `program`; its copy is as good. */
export async function putInPlace(aside: string, folder: string, program: string): Promise<void> {
  try {
    await rename(aside, folder)
  } catch (error) {
    if (!(await isThere(join(folder, 'bin', program)))) throw error
  }
}
