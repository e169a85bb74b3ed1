import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { execa } from 'execa'
import { z } from 'zod'
import { Fault } from '../../errors.ts'
import type { ToolName } from './toolchain-versions.ts'

export interface UnpackRequest {
  readonly tool: ToolName
  /** Host path of the package's .tgz. */
  readonly tarball: string
  /** Empty folder that becomes the tool's. */
  readonly folder: string
  /** A file that says the tool is whole: written last. */
  readonly mark: { readonly name: string; readonly text: string }
}

const manifestSchema = z.object({
  /** Missing where the package is nothing but the program. */
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
})

/**
 * Unpacks a package into a tool folder with `bin/<program>`, readable by everyone. Node stays laid out as Node is (`bin`, `include`,
 * `share`: node-gyp and `process.execPath` go by that); the others go to `lib` with links in `bin`.
 */
export async function unpackTool(request: UnpackRequest): Promise<void> {
  const target = request.tool === 'node' ? request.folder : join(request.folder, 'lib')
  await mkdir(target, { recursive: true })
  try {
    await execa(
      'tar',
      ['-xzf', request.tarball, '-C', target, '--strip-components=1', '--no-same-owner', '--no-same-permissions'],
      {
        timeout: 300_000,
      },
    )
    await execa('chmod', ['-R', 'a+rX,u+w', request.folder], { timeout: 60_000 })
  } catch (error) {
    throw new Fault('toolchain', `the package of ${request.tool} could not be unpacked`, {
      mend: 'check the free disk space',
      cause: error,
    })
  }
  if (request.tool === 'node') await chmod(join(target, 'bin', 'node'), 0o755)
  else await linkPrograms(request, target)
  await writeFile(join(request.folder, request.mark.name), request.mark.text)
}

async function linkPrograms({ folder, tool }: UnpackRequest, target: string): Promise<void> {
  const { bin } = manifestSchema.parse(JSON.parse(await readFile(join(target, 'package.json'), 'utf8')))
  const programs = typeof bin === 'object' ? bin : { [tool]: bin ?? tool }
  await mkdir(join(folder, 'bin'), { recursive: true })
  for (const [name, path] of Object.entries(programs)) {
    const program = join(target, path)
    await chmod(program, 0o755)
    await symlink(relative(join(folder, 'bin'), program), join(folder, 'bin', name))
  }
}
