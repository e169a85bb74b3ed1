import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { messageOf, UserError } from '../errors.ts'
import { askGit, gitText } from './command.ts'
import { parseOwnerName, parseRemote, type RepositoryName } from './identity.ts'

/** Where a repository is fetched from, and what it is called. */
export interface Source {
  /** An absolute path of a git folder, or a URL without credentials. */
  readonly location: string
  readonly local: boolean
  /** Sent along with HTTP requests, never stored and never in an argument: `Basic …`. */
  readonly authorization: string | null
  readonly name: RepositoryName
}

export interface SourceOptions {
  /** `owner/name`, as the user gave it: wins over what `origin` says. */
  readonly name?: string
  /** The forge that `owner/name` alone stands for, and that a name given by hand belongs to. */
  readonly forge: string
  /** Relative paths are taken from here. */
  readonly directory: string
}

/**
 * Finds out what the user's `<repository>` is: the path of a clone or a bare repository, a git URL, or `owner/name` on the forge.
 * Throws `UserError` where it is none of these, is shallow or partial, or its name can't be known.
 */
export async function findSource(text: string, options: SourceOptions): Promise<Source> {
  const path = resolve(options.directory, text)
  if (await isFolder(path)) return localSource(path, options)
  const named = parseOwnerName(text)
  if (named !== null && !text.startsWith('.'))
    return remoteSource(`https://${options.forge}/${named.owner}/${named.name}.git`, options)
  if (/^[a-z+]+:\/\/|^[\w.-]+@[\w.-]+:/i.test(text)) return remoteSource(text, options)
  throw new UserError(`there is no repository at ${text}`, {
    mend: 'give the path of a clone, a git URL, or owner/name',
  })
}

async function localSource(path: string, options: SourceOptions): Promise<Source> {
  const location = await gitFolder(path)
  // `--is-shallow-repository` and the settings are of the source itself; nothing of it is written.
  if ((await gitText(location, ['rev-parse', '--is-shallow-repository'])) === 'true') {
    throw new UserError(`${path} is a shallow clone: its history is cut off`, {
      mend: `git -C ${path} fetch --unshallow`,
    })
  }
  const partial = await askGit(location, ['config', '--get-regexp', String.raw`^remote\..*\.promisor$`, 'true'])
  if (partial.exitCode === 0) {
    throw new UserError(`${path} is a partial clone: it lacks files of older commits`, {
      mend: 'clone it again without --filter',
    })
  }
  const origin = await askGit(location, ['config', '--get', 'remote.origin.url'])
  return {
    location,
    local: true,
    authorization: null,
    name: nameFor(path, origin.stdout.toString('utf8').trim(), options),
  }
}

/** The git folder of a clone, a linked work tree or a bare repository; never that of a folder further up. */
async function gitFolder(path: string): Promise<string> {
  const answer = await askGit(path, ['rev-parse', '--path-format=absolute', '--git-common-dir'], {
    variables: { GIT_CEILING_DIRECTORIES: dirname(path) },
  })
  if (answer.exitCode === 0) return answer.stdout.toString('utf8').trim()
  throw new UserError(`${path} is not a git repository`, {
    mend: 'give the top folder of a clone, or a bare repository',
  })
}

function remoteSource(url: string, options: SourceOptions): Source {
  const { location, authorization } = withoutCredentials(url)
  return { location, local: false, authorization, name: nameFor(location, location, options) }
}

function nameFor(shown: string, remote: string, options: SourceOptions): RepositoryName {
  if (options.name !== undefined) {
    const given = parseOwnerName(options.name)
    if (given === null)
      throw new UserError(`--name ${options.name} is no repository's name`, { mend: 'write it as owner/name' })
    return { forge: parseRemote(remote)?.forge ?? options.forge, ...given }
  }
  const found = remote === '' ? null : parseRemote(remote)
  if (found !== null) return found
  throw new UserError(`the name of ${basename(shown)} is not known: it has no remote "origin" on a forge`, {
    mend: 'add --name owner/name',
  })
}

/** `https://user:token@host/…` → the bare URL, and the credentials as a header of their own. */
function withoutCredentials(text: string): { location: string; authorization: string | null } {
  if (!/^https?:/i.test(text)) return { location: text, authorization: null }
  try {
    const url = new URL(text)
    if (url.username === '' && url.password === '') return { location: text, authorization: null }
    const secret = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    url.username = ''
    url.password = ''
    return { location: url.toString(), authorization: `Basic ${Buffer.from(secret).toString('base64')}` }
  } catch (cause) {
    throw new UserError(`${JSON.stringify(text.replace(/\/\/[^@/]*@/, '//'))} is no URL: ${messageOf(cause)}`, {
      cause,
    })
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
