import type { Mirror } from './mirror.ts'

export interface CommitOptions {
  readonly tree: string
  readonly message: string
  readonly parents?: readonly string[]
  /** Default: an author of our own at one fixed time, so that the same input gives the same id. */
  readonly author?: { readonly name: string; readonly email: string }
  readonly date?: Date
}

const AUTHOR = { name: 'Quarry', email: 'quarry@localhost' }
const DATE = new Date('2001-01-01T00:00:00Z')

/** Makes a commit of a tree and gives its id, which hangs on nothing but what is given. */
export async function commitTree(mirror: Mirror, options: CommitOptions): Promise<string> {
  const { name, email } = options.author ?? AUTHOR
  const date = `@${Math.floor((options.date ?? DATE).getTime() / 1000)} +0000`
  const parents = (options.parents ?? []).flatMap((parent) => ['-p', parent])
  return mirror.text(['commit-tree', '--no-gpg-sign', options.tree, ...parents], {
    input: options.message,
    variables: {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
      GIT_COMMITTER_DATE: date,
    },
  })
}
