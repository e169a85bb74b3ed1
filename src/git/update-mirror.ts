import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Fault, messageOf, UserError } from '../errors.ts'
import { askGit, type GitAnswer, type GitOptions, git } from './command.ts'
import { whatToKeep } from './kept-refs.ts'
import { clearLeftovers } from './leftovers.ts'
import { type Mirror, openMirror, resolveRevision } from './mirror.ts'
import { seedPacks } from './seed.ts'
import type { Source } from './source.ts'

export interface UpdateOptions {
  readonly signal?: AbortSignal
  /** git's own progress lines, for a progress bar. */
  readonly onProgress?: (text: string) => void
  /** A fetch that is not done by then is given up. Default: one hour. */
  readonly deadlineSeconds?: number
  /** Pulls whose heads are not fetched. */
  readonly without?: readonly number[]
}

const HOUR = 3600
/** A source that has not listed its refs by then does not answer. */
export const ANSWER_SECONDS = 120
/** The far side of a local fetch takes no settings from variables, and would refuse a repository that another user owns. */
const TRUST = 'trust.gitconfig'

/**
 * Makes or brings up to date the bare mirror in `folder`, and opens it. The mirror shares no object with its source. Its HEAD is the
 * default branch. Safe to run twice at once, though the second waits in vain on git's locks: hold a lease.
 *
 * Throws `UserError` for a source that does not answer, is empty, shallow, or has no default branch; `Fault` for the machine's own.
 */
export async function updateMirror(folder: string, source: Source, options: UpdateOptions = {}): Promise<Mirror> {
  await makeBare(folder)
  await clearLeftovers(folder)
  if (source.local) {
    await writeFile(join(folder, TRUST), '[safe]\n\tdirectory = *\n')
    await seed(folder, source)
  }
  const remote = remoteOptions(folder, source, options)
  const listing = await askGit(folder, ['ls-remote', '--symref', '--end-of-options', source.location], {
    ...remote,
    deadlineSeconds: ANSWER_SECONDS,
  })
  if (listing.exitCode !== 0) throw unreachable(source, listing)
  const kept = whatToKeep(listing.stdout.toString('utf8'), source.location, options.without)
  const fetched = await askGit(
    folder,
    [
      'fetch',
      '--force',
      '--prune',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-auto-maintenance',
      '--no-recurse-submodules',
      '--progress',
      '--end-of-options',
      source.location,
      ...kept.refspecs,
    ],
    remote,
  )
  if (fetched.exitCode !== 0) throw unreachable(source, fetched)
  if (existsSync(join(folder, 'shallow'))) {
    throw new UserError(`${source.location} is a shallow clone: its history is cut off`, {
      mend: 'git fetch --unshallow',
    })
  }
  const mirror = openMirror(folder)
  await setHead(mirror, kept.branch)
  // Makes merge bases and walks several times cheaper; `--split` writes only what is new.
  await mirror.git(['commit-graph', 'write', '--reachable', '--split', '--no-progress'])
  return mirror
}

/** Made aside and moved into place, so that a killed process leaves no half-made mirror, and of two at once one wins. */
async function makeBare(folder: string): Promise<void> {
  if (existsSync(join(folder, 'HEAD'))) return
  try {
    await mkdir(dirname(folder), { recursive: true })
    const made = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`))
    await git(made, ['init', '--bare', '--quiet', '--template=', '.'])
    await rename(made, folder).catch(async (error: unknown) => {
      await rm(made, { recursive: true, force: true })
      if (!existsSync(join(folder, 'HEAD'))) throw error
    })
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('disk', `the mirror ${folder} can't be made`, { cause })
  }
}

async function seed(folder: string, source: Source): Promise<void> {
  try {
    await seedPacks(folder, source.location)
  } catch (cause) {
    throw new Fault('disk', `the packs of ${source.location} can't be copied: ${messageOf(cause)}`, { cause })
  }
}

/** What reaching a source takes: trust in a local one, a secret for a remote one. */
export function remoteOptions(folder: string, source: Source, options: UpdateOptions): GitOptions {
  return {
    variables: {
      GIT_DIR: folder,
      GIT_HTTP_LOW_SPEED_LIMIT: '1000',
      GIT_HTTP_LOW_SPEED_TIME: '60',
      ...(source.local ? { GIT_CONFIG_GLOBAL: join(folder, TRUST) } : {}),
    },
    // A secret for this host only: a redirect elsewhere does not get it.
    settings:
      source.authorization === null
        ? {}
        : { [`http.${source.location}.extraHeader`]: `Authorization: ${source.authorization}` },
    deadlineSeconds: options.deadlineSeconds ?? HOUR,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  }
}

async function setHead(mirror: Mirror, branch: string): Promise<void> {
  const ref = `refs/heads/${branch}`
  await mirror.git(['symbolic-ref', 'HEAD', ref])
  if ((await resolveRevision(mirror, 'HEAD^{commit}')) === null) throw new Fault('git', `the fetch brought no ${ref}`)
}

function unreachable(source: Source, answer: GitAnswer): UserError | Fault {
  const detail = answer.stderr.trim().split('\n').slice(-2).join(' ').slice(0, 400)
  if (source.local) return new Fault('git', `${source.location} could not be read: ${detail}`)
  return new UserError(`${source.location} does not answer as a git repository: ${detail}`, {
    mend: 'check the address, the network, and that you may read it',
  })
}
