import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Fault } from '../errors.ts'
import { askGit, type GitAnswer, type GitOptions, git, gitStream, gitText } from './command.ts'
import { type ObjectReader, openObjectReader } from './object-reader.ts'
import { openQuarantineReader } from './quarantine-reader.ts'
import { askGitSteps, type Step, type StepsAnswer, type StepsOptions } from './steps.ts'

/** An open bare mirror: its folder, its object reader, and git run inside it. Close it when done. */
export interface Mirror {
  readonly folder: string
  readonly objects: ObjectReader
  ask(args: readonly string[], options?: GitOptions): Promise<GitAnswer>
  /** Several commands in turn, up to the first that fails. */
  askSteps(steps: readonly Step[], options?: StepsOptions): Promise<StepsAnswer>
  git(args: readonly string[], options?: GitOptions): Promise<Buffer>
  text(args: readonly string[], options?: GitOptions): Promise<string>
  stream(args: readonly string[], options?: GitOptions): AsyncGenerator<Buffer>
  close(): Promise<void>
}

/** Opens a bare repository that is on this machine already (see `updateMirror`). Starts nothing yet. */
export function openMirror(folder: string): Mirror {
  const path = resolve(folder)
  return mirrorWith(path, {}, openObjectReader(path, insideOf(path)), () => Promise.resolve())
}

/**
 * The same mirror, with new objects written to a scratch folder that goes when it is closed: for trees that only one grade needs.
 * Reads see both. To be closed before the mirror is.
 */
export async function openQuarantine(mirror: Mirror): Promise<Mirror> {
  const { folder, objects } = mirror
  const scratch = await scratchFolder(folder)
  const places = { GIT_OBJECT_DIRECTORY: scratch, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(folder, 'objects') }
  const both = openObjectReader(folder, { ...insideOf(folder), ...places })
  return mirrorWith(folder, places, openQuarantineReader(scratch, objects, both), () =>
    rm(scratch, { recursive: true, force: true }),
  )
}

const insideOf = (folder: string) => ({ GIT_DIR: folder })

function mirrorWith(
  folder: string,
  variables: Readonly<Record<string, string>>,
  objects: ObjectReader,
  release: () => Promise<void>,
): Mirror {
  const scoped = <Options extends Pick<StepsOptions, 'variables'>>(options?: Options) => ({
    ...options,
    variables: { ...insideOf(folder), ...variables, ...options?.variables },
  })
  return {
    folder,
    objects,
    ask: (args, options) => askGit(folder, args, scoped(options)),
    askSteps: (steps, options) => askGitSteps(folder, steps, scoped(options)),
    git: (args, options) => git(folder, args, scoped(options)),
    text: (args, options) => gitText(folder, args, scoped(options)),
    stream: (args, options) => gitStream(folder, args, scoped(options)),
    async close() {
      await objects.close()
      await release()
    },
  }
}

/** A fresh folder inside the mirror for an index or for objects; what a killed process left there goes at the next update. */
export async function scratchFolder(mirrorFolder: string): Promise<string> {
  const parent = join(mirrorFolder, 'scratch')
  try {
    // Not recursive: a mirror that was removed must not come back as a folder with nothing else in it.
    await mkdir(parent).catch(unlessThere)
    return await mkdtemp(join(parent, 'work-'))
  } catch (cause) {
    throw new Fault('disk', `no scratch folder can be made in ${parent}`, { cause })
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}

/** The full id of what a revision names (`main`, `v1.0^{tree}`, a short id), or null where there is none. */
export async function resolveRevision(mirror: Mirror, revision: string): Promise<string | null> {
  const answer = await mirror.ask(['rev-parse', '--verify', '--quiet', '--end-of-options', revision])
  return answer.exitCode === 0 ? answer.stdout.toString('utf8').trim() : null
}

/** Keeps a commit from being pruned, as `refs/quarry/<name>`. */
export async function pin(mirror: Mirror, name: string, commit: string): Promise<void> {
  await mirror.git(['update-ref', '--end-of-options', `refs/quarry/${name}`, commit])
}

/** Takes a pin away; one that is not there is no error. */
export async function unpin(mirror: Mirror, name: string): Promise<void> {
  await mirror.git(['update-ref', '-d', '--end-of-options', `refs/quarry/${name}`])
}
