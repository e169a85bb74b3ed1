import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { unpackLayer } from '../../environment/layer-archive.ts'
import { containerPaths } from '../../export/harbor/settings.ts'
import { git } from '../../git/command.ts'
import { type Mirror, openMirror } from '../../git/index.ts'
import { TESTBED } from '../../sandboxes/addresses.ts'
import { applyChangesScript, changesBetween, checkoutSnapshot } from '../../snapshot/index.ts'
import { adopt } from './container-sandbox.ts'

/** A bare repository in a new folder that holds the objects of a pack. */
export async function repositoryOf(pack: string, folder: string): Promise<Mirror> {
  await mkdir(folder, { recursive: true })
  await git(folder, ['init', '--quiet', '--bare', '--template='])
  const mirror = openMirror(folder)
  await mirror.git(['index-pack', '--stdin', '--fix-thin'], { input: await readFile(pack) })
  return mirror
}

/**
 * Lays /testbed out anew, whatever is there: the snapshot as an agent gets it, what the install added, and on top what makes
 * `tree` out of the base tree. All of it is the unprivileged user's.
 */
export async function layTestbed(
  mirror: Mirror,
  { baseTree, tag }: { readonly baseTree: string; readonly tag: string | null },
  tree: string,
): Promise<void> {
  await emptyFolder(TESTBED)
  // Not there at once: /testbed may be another file system, into which git does not move its packs.
  const fresh = join(containerPaths.quarry, 'fresh')
  await rm(fresh, { recursive: true, force: true })
  await checkoutSnapshot(mirror, baseTree, fresh, tag === null ? {} : { tag })
  await execa('cp', ['--archive', `${fresh}/.`, TESTBED])
  await rm(fresh, { recursive: true })
  await addLayer()
  if (tree !== baseTree) await putOn(mirror, baseTree, tree)
  await adopt(TESTBED)
}

/** Empties a folder that may be a mount point or the working folder of others. */
export async function emptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
}

/** The layer goes under the snapshot: a file of the repository's own wins. */
async function addLayer(): Promise<void> {
  const folder = join(containerPaths.quarry, 'layer')
  await unpackLayer(createReadStream(containerPaths.layer), folder)
  await execa('cp', ['--archive', '--no-clobber', `${folder}/.`, TESTBED])
  await rm(folder, { recursive: true })
}

async function putOn(mirror: Mirror, from: string, to: string): Promise<void> {
  const changes = await mkdtemp(join(containerPaths.quarry, 'changes-'))
  await changesBetween(mirror, from, to, changes)
  await execa(process.execPath, [applyChangesScript, changes, TESTBED])
  await rm(changes, { recursive: true })
}
