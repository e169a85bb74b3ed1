import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a person types to install a project, in a folder with nothing else in it. */
export interface PlainInstall {
  readonly commands: readonly (readonly string[])[]
  readonly variables: Readonly<Record<string, string>>
}

/**
 * Each ecosystem's tool's own install, with all that it keeps below `folder`, from the gateway at `door`. `tools`: tool → host folder, as the
 * environment that it is compared with has them.
 */
export const plainInstalls: Readonly<
  Record<string, (folder: string, door: string, tools: Readonly<Record<string, string>>) => PlainInstall>
> = {
  node: (folder, door) => ({
    commands: [['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund']],
    variables: { npm_config_registry: `${door}/`, npm_config_cache: join(folder, '.cache') },
  }),
  python: (folder, door, { python = '/usr' }) => ({
    commands: [
      ['uv', 'venv', '--quiet', '--python', join(python, 'bin/python3'), '.venv'],
      // UV_PYTHON would have it install into that interpreter itself.
      ['uv', 'pip', 'install', '--quiet', '--editable', '.[test]'],
    ],
    variables: {
      ...{ UV_DEFAULT_INDEX: `${door}/~pypi/simple/`, UV_CACHE_DIR: join(folder, '.cache'), UV_NO_CONFIG: '1' },
      ...{ VIRTUAL_ENV: join(folder, '.venv'), UV_LINK_MODE: 'copy' },
    },
  }),
  go: (folder, door) => ({
    commands: [
      ['go', 'mod', 'download'],
      ['go', 'test', '-run', '^$', './...'],
    ],
    variables: {
      ...{ GOPROXY: `${door}/~go`, GOSUMDB: 'off', GOTOOLCHAIN: 'local', GOFLAGS: '-modcacherw' },
      ...{ GOMODCACHE: join(folder, '.go/mod'), GOCACHE: join(folder, '.go/build') },
    },
  }),
  rust: (folder, door) => {
    const home = join(folder, '.cargo-home')
    mkdirSync(home, { recursive: true })
    const source = `[source.crates-io]\nreplace-with = "door"\n[source.door]\nregistry = "sparse+${door}/~crates/"\n`
    writeFileSync(join(home, 'config.toml'), source)
    return {
      commands: [['cargo', 'test', '--quiet', '--no-run', '--tests', '--locked']],
      variables: { CARGO_HOME: home, CARGO_TARGET_DIR: join(folder, 'target'), CARGO_PROFILE_DEV_DEBUG: '0' },
    }
  },
  java: (folder, door, { java = '' }) => {
    const settings = join(folder, 'settings.xml')
    const mirror = `<mirror><id>door</id><mirrorOf>*</mirrorOf><url>${door}/~maven/</url><blocked>false</blocked></mirror>`
    writeFileSync(settings, `<settings><mirrors>${mirror}</mirrors></settings>\n`)
    return {
      commands: [
        [
          'mvn',
          '-B',
          '-q',
          '-s',
          settings,
          `-Dmaven.repo.local=${join(folder, '.m2')}`,
          'test',
          '-DtrimStackTrace=false',
        ],
      ],
      variables: { JAVA_HOME: java },
    }
  },
}
