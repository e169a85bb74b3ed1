import { join } from 'node:path'
import { isThere } from './java-sources.ts'
import type { Jdk } from './jdks.ts'
import { command } from './lay-out-tool.ts'

/** Where a build tool that is laid out has Java 8's own interface. */
export const platformJar = 'java-8.jar'

/**
 * Lays Java 8's own interface beside a build tool in `folder`, out of what a kit from 9 on keeps for `--release 8` (`reporters/jvm/quarry/JavaEight.java`, compiled in
 * `classes`). A kit of 8 has none, and needs none.
 */
export async function layPlatform(tool: string, folder: string, classes: string, jdk: Jdk): Promise<void> {
  const kept = join(jdk.folder, 'lib', 'ct.sym')
  if (jdk.feature < 9 || !(await isThere(kept))) return
  await command(tool, join(jdk.folder, 'bin', 'java'), [
    '-cp',
    classes,
    'quarry.JavaEight',
    kept,
    join(folder, platformJar),
  ])
}
