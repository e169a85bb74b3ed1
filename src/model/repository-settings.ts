import { z } from 'zod'

const path = /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0\\]+$/
const label = z.string().max(100, 'must be at most 100 characters long').regex(/\S/, 'must not be empty')
const command = z
  .string()
  .max(2000, 'must be at most 2,000 characters long')
  .regex(/\S/, 'must not be empty')
  .regex(/^[^\0]*$/, 'must not have a NUL character in it')
const directory = z
  .string()
  .max(200, 'must be at most 200 characters long')
  .regex(path, 'must be a folder of the repository, like "packages/core"; "." is the root')

/** Few wildcards: a path is matched in a time that no pattern can make long. */
const glob = z
  .string()
  .max(200, 'must be at most 200 characters long')
  .regex(path, 'must be a pattern of paths from the root, without "/" before it, ".." or "\\"')
  .regex(/^[^!()][^()]*$/, 'must neither begin with "!" nor have parentheses')
  .regex(/^(?!.*[\]{}]\+)/, 'must not have "+" behind a bracket')
  .regex(/^(?!(?:.*\*\*){4})(?!(?:.*\/)?[^/*]*(?:\*[^/*]*){3})/, 'must have fewer "*": two in a name, three times "**"')

function list<T extends z.ZodType>(item: T, most: number, least = 0) {
  return z.array(item).min(least, 'must not be empty').max(most, `must have at most ${most} entries`)
}

const labels = z.strictObject({
  require: list(label, 50)
    .optional()
    .meta({ description: 'Only pull requests with all of these labels are mined.', examples: [['ready-to-mine']] }),
  exclude: list(label, 50)
    .optional()
    .meta({ description: 'Pull requests with any of these labels are not mined.', examples: [['no-mining']] }),
})

const paths = z.strictObject({
  test: list(glob, 100)
    .optional()
    .meta({ description: 'Files that are tests, beside those that are known by convention.', examples: [['spec/**']] }),
  ignore: list(glob, 100)
    .optional()
    .meta({
      description: 'Files whose changes count neither as source nor as tests.',
      examples: [['third-party/**']],
    }),
})

const version = z.string().max(100, 'must be at most 100 characters long').regex(/\S/, 'must not be empty')

const environment = z.strictObject({
  toolchain: z
    .strictObject({
      node: version.optional().meta({ description: 'A version or a range, in quotes.', examples: ['22'] }),
      python: version.optional().meta({ description: 'A version or a range, in quotes.', examples: ['3.12'] }),
      go: version.optional().meta({ description: 'A version, in quotes.', examples: ['1.22'] }),
      rust: version.optional().meta({ description: 'A version or a channel, in quotes.', examples: ['1.75'] }),
      java: version.optional().meta({ description: 'The feature release of the JDK, in quotes.', examples: ['17'] }),
      ruby: version.optional().meta({ description: 'A version or a requirement, in quotes.', examples: ['3.1'] }),
    })
    .optional()
    .meta({ description: 'Versions of the tools.', examples: [{ node: '22' }] }),
  install: list(command, 20, 1)
    .optional()
    .meta({ description: 'The commands that install the dependencies: exactly these.', examples: [['npm ci']] }),
  build: list(command, 20)
    .optional()
    .meta({
      description: 'The commands that build before the tests: exactly these. An empty list: there is nothing to build.',
      examples: [['npm run build']],
    }),
  test: z
    .strictObject({
      framework: z
        .string()
        .max(50, 'must be at most 50 characters long')
        .regex(/\S/, 'must not be empty')
        .optional()
        .meta({ description: 'The test framework.', examples: ['vitest'] }),
      command: command.optional().meta({
        description: 'The command that runs the tests.',
        examples: ['npx vitest run'],
      }),
    })
    .optional()
    .meta({ description: 'How the tests are run.', examples: [{ framework: 'vitest', command: 'npx vitest run' }] }),
  directory: z
    .union([directory, list(directory, 50, 1)])
    .optional()
    .meta({ description: 'Where the commands run: a folder, or a list of folders.', examples: ['packages/core'] }),
})

/**
 * `.github/quarry.yml`: by this file a repository's owners steer what Quarry does with their repository. Every key may be left out; a key
 * that is not known is a mistake.
 */
export const repositorySettingsSchema = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .meta({
      description: 'true: mine this repository (a private one is mined only then). false: leave it alone.',
      examples: [true],
    }),
  labels: labels.optional().meta({ description: 'Which pull requests are mined.' }),
  paths: paths.optional().meta({ description: 'What files are for. Patterns as in .gitignore, from the root.' }),
  environment: environment.optional().meta({ description: 'How to install, build and test.' }),
  limits: z
    .strictObject({
      run_minutes: z
        .int()
        .min(1, 'must be at least 1')
        .max(60, 'must be at most 60')
        .optional()
        .meta({ description: 'How long one run of the tests may take.', examples: [10] }),
    })
    .optional()
    .meta({ description: 'What a run may take.' }),
  visibility: z
    .enum(['private', 'organisation', 'public'])
    .optional()
    .meta({
      description: 'Who may see the tasks that are made of this repository.',
      examples: ['private'],
    }),
})

export type RepositorySettings = z.infer<typeof repositorySettingsSchema>
export type EnvironmentSettings = NonNullable<RepositorySettings['environment']>
export type Visibility = NonNullable<RepositorySettings['visibility']>

/** Where the file is, in the repository itself; an organisation's own lies in its repository `.github`, by the same path. */
export const settingsPath = '.github/quarry.yml'

/** One mistake in the file, where its author finds it. Lines and columns count from 1, columns in characters. */
export interface SettingsProblem {
  readonly line: number
  readonly column: number
  readonly endLine: number
  /** The key, `labels.require`, an entry of a list as `labels.require[0]`; empty where it is the file as a whole. */
  readonly path: string
  readonly message: string
  /** What to do about it. */
  readonly mend: string
}

/** What a file says: its settings, or every mistake in it. */
export type ReadSettings = { readonly settings: RepositorySettings } | { readonly problems: readonly SettingsProblem[] }

/** What the owners say of one tree. */
export interface TreeSettings {
  readonly environment: EnvironmentSettings | null
  readonly paths: StatedPaths | null
  /** The mistakes of the tree's own file: then nothing of it is followed. */
  readonly problems: readonly SettingsProblem[]
}

/** What owners say of paths, by globs from the root. */
export interface StatedPaths {
  readonly test: readonly string[]
  readonly ignore: readonly string[]
}
