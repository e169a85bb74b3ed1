import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { messageOf, UserError } from '../../errors.ts'
import type { ProtocolUpstream } from '../protocol.ts'
import { readSettings, repositoriesOf, type Settings } from './settings.ts'
import { zipEntries } from './zip.ts'

/**
 * Where the machine's own Maven gets its artifacts from: the repository that every project inherits, the operator's settings laid over it
 * (mirrors, active profiles' repositories, proxy), and the authorities that its Java trusts. Null: there is no Maven.
 */
export async function readMavenUpstream(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ProtocolUpstream | null> {
  const maven = await findMaven(folder, environment)
  if (maven === null) return null
  const inherited = repositoriesOf(await superModel(maven.home))
  const settings: Settings[] = []
  for (const file of [
    join(environment.HOME ?? '/nonexistent', '.m2', 'settings.xml'),
    join(maven.home, 'conf', 'settings.xml'),
  ]) {
    const text = await readIfThere(file)
    if (text !== null) settings.push(settingsIn(file, text))
  }
  const known = [...inherited, ...settings.flatMap(({ repositories }) => repositories)]
  const mirrors = settings.flatMap((each) => each.mirrors)
  const registries = known.map(
    (repository) => mirrors.find((mirror) => mirror.mirrors(repository.id))?.url ?? repository.url,
  )
  const proxy = settings.map((each) => each.proxy).find((each) => each !== null) ?? null
  return { registries: [...new Set(registries)], certificates: await trusted(maven.java, environment), proxy }
}

function settingsIn(file: string, text: string): Settings {
  const settings = readSettings(text)
  if (settings === null) throw new UserError(`${file} can't be read as Maven's settings`, { mend: `mend ${file}` })
  return settings
}

async function findMaven(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ home: string; java: string } | null> {
  try {
    const { stdout } = await execa('mvn', ['--batch-mode', '--version'], {
      ...{ cwd: folder, env: environment, extendEnv: false, timeout: 60_000, maxBuffer: 1_000_000 },
    })
    const home = /^Maven home: (?<path>.+)$/m.exec(stdout)?.groups?.path
    const java = /runtime: (?<path>.+)$/m.exec(stdout)?.groups?.path
    if (home === undefined || java === undefined) throw new UserError('Maven does not tell where it is installed')
    return { home: home.trim(), java: java.trim() }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    if (error instanceof UserError) throw error
    throw new UserError(`Maven does not tell its version: ${messageOf(error)}`, { mend: 'install maven', cause: error })
  }
}

/** The model that every project inherits from, out of Maven's own library. */
async function superModel(home: string): Promise<string> {
  const jars = (await readdir(join(home, 'lib'))).filter((name) => /^maven-model-builder-.*\.jar$/.test(name))
  for (const jar of jars) {
    const entries = zipEntries(await readFile(join(home, 'lib', jar)))
    const model = entries.find(({ name }) => /(?:^|\/)pom-4\.0\.0\.xml$/.test(name))?.read()
    if (model != null) return model.toString('utf8')
  }
  throw new UserError(`Maven in ${home} has no model that projects inherit from`, { mend: 'install maven anew' })
}

/** Every authority that this Java trusts, as PEM; null where it does not tell: Node's own then have to do. */
async function trusted(
  java: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const { stdout } = await execa(
    join(java, 'bin', 'keytool'),
    ['-list', '-rfc', '-cacerts', '-storepass', 'changeit'],
    {
      ...{ env: environment, extendEnv: false, timeout: 60_000, maxBuffer: 8_000_000, reject: false },
    },
  )
  const certificates = stdout?.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  return certificates.length === 0 ? null : certificates.join('\n')
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'EACCES'].includes(String(error.code)))
      return null
    throw error
  }
}
