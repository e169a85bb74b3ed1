import { lutimesSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../errors.ts'
import { git } from '../git/command.ts'
import { commitTree, LAID_OUT_AT, type Mirror, openMirror } from '../git/index.ts'
import { settleIndex } from './git-index.ts'

interface CheckoutOptions {
  /** An annotated tag on the one commit, for builds that ask `git describe`. */
  readonly tag?: string
  /** Whether the pack's bytes hang on the tree alone, and not on how the mirror happens to be packed; takes longer. */
  readonly packedAnew?: boolean
}

/** What is written by hand instead of by `git init`, so that no template, hook or machine's setting gets in. */
const config = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tcheckStat = minimal
\ttrustctime = false
`

/** What an environment's layer brings of its own (`environmentFolder` of the ecosystems) is no work of anybody's. */
const excluded = '/.quarry/\n'

const TAGGER = 'Quarry <quarry@localhost>'

/**
 * Writes the work tree that an agent starts from into an empty folder: the tree's files, and a repository of its own with one root
 * commit, the same id each time, that holds this tree's objects and no others: no history, remote, reflog, hook or alternate.
 * Every file has one old time stamp, and the index knows it. Returns the commit's id.
 */
export async function checkoutSnapshot(
  mirror: Mirror,
  tree: string,
  folder: string,
  options: CheckoutOptions = {},
): Promise<string> {
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0) {
    throw new UserError(`${folder} is not empty`, { mend: 'name a folder that is empty or not there yet' })
  }
  const repository = join(folder, '.git')
  const { own, commit } = await makeOwnRepository(mirror, tree, repository, options)
  try {
    await own.git(['read-tree', commit], { settings: { 'index.version': '2' } })
    // From inside the work tree: from .git, git would check out only what lies below it.
    await git(folder, ['checkout-index', '--all', '--force', '--quiet', '--index'], {
      variables: { GIT_DIR: repository, GIT_WORK_TREE: folder },
      settings: { 'checkout.workers': '2' },
    })
    settleTimes(folder, await settleIndex(join(repository, 'index'), LAID_OUT_AT))
    return commit
  } finally {
    await own.close()
  }
}

/**
 * The repository of a snapshot by itself, in a folder that is not there yet: one root commit and, where it is asked for, its tag. Close
 * it when done.
 */
export async function makeOwnRepository(
  mirror: Mirror,
  tree: string,
  folder: string,
  { tag, packedAnew = false }: CheckoutOptions,
): Promise<{ readonly own: Mirror; readonly commit: string }> {
  await writeRepository(folder)
  const anew = packedAnew ? ['--no-reuse-delta', '--no-reuse-object'] : []
  await mirror.git(
    ['pack-objects', '--quiet', '--revs', '--window=0', '--threads=1', ...anew, join(folder, 'objects/pack/pack')],
    {
      input: `${tree}\n`,
      settings: { 'repack.writeBitmaps': 'false', 'pack.writeReverseIndex': 'false' },
    },
  )
  const own = openMirror(folder)
  try {
    const commit = await commitTree(own, { tree, message: 'Snapshot\n' })
    await writeRef(own, 'refs/heads/main', commit)
    if (tag !== undefined) await writeTag(own, tag, commit)
    return { own, commit }
  } catch (error) {
    await own.close()
    throw error
  }
}

async function writeRepository(repository: string): Promise<void> {
  for (const each of ['objects/pack', 'objects/info', 'refs/heads', 'refs/tags'])
    await mkdir(join(repository, each), { recursive: true })
  await writeFile(join(repository, 'HEAD'), 'ref: refs/heads/main\n')
  await writeFile(join(repository, 'config'), config)
  await mkdir(join(repository, 'info'))
  await writeFile(join(repository, 'info/exclude'), excluded)
}

async function writeTag(own: Mirror, tag: string, commit: string): Promise<void> {
  const seconds = Math.floor(LAID_OUT_AT.getTime() / 1000)
  const text = `object ${commit}\ntype commit\ntag ${tag}\ntagger ${TAGGER} ${seconds} +0000\n\n${tag}\n`
  const id = await own.text(['mktag'], { input: text })
  await writeRef(own, `refs/tags/${tag}`, id)
}

/** Without the log that git keeps of refs in a repository with a work tree. */
async function writeRef(own: Mirror, name: string, id: string): Promise<void> {
  await own.git(['update-ref', name, id], { settings: { 'core.logAllRefUpdates': 'false' } })
}

/** Files first, then folders: to write into a folder sets its time anew. */
function settleTimes(folder: string, paths: readonly string[]): void {
  const folders = new Set<string>(['.'])
  for (const path of paths) {
    lutimesSync(join(folder, path), LAID_OUT_AT, LAID_OUT_AT)
    for (let parent = dirname(path); !folders.has(parent); parent = dirname(parent)) folders.add(parent)
  }
  for (const path of folders) lutimesSync(join(folder, path), LAID_OUT_AT, LAID_OUT_AT)
}
