import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Command } from '../../src/model/index.ts'
import {
  type Invocation,
  type ParsedReport,
  type ProjectView,
  reportersFolder,
  type TestFramework,
} from '../../src/test-frameworks/index.ts'
import type { Specimen } from './specimens.ts'

const nonce = 'a secret of this run'
/** Kept between runs of the tests, and outside of any `node_modules`, where frameworks look for no tests. */
const installs = join(tmpdir(), 'quarry-test-frameworks')

/** Runs a program to its end; its output is for a failing test to show. */
function execute(
  program: string,
  given: readonly string[],
  cwd: string,
  variables: NodeJS.ProcessEnv,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, given, { cwd, env: variables, stdio: ['ignore', 'pipe', 'pipe'], timeout: 90_000 })
    const output: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
    child.on('error', reject)
    child.on('close', () => resolve(Buffer.concat(output).toString()))
  })
}

/** Installs a framework's version once for all runs of the tests; the folder it is in. */
export async function install(specimen: Specimen): Promise<string> {
  const folder = join(installs, specimen.needs ?? specimen.packages.join('_'))
  if (specimen.needs !== undefined) return folder
  if (existsSync(join(folder, 'installed'))) return folder
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{"private":true}')
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  const output = await execute('npm', ['install', ...options, ...specimen.packages], folder, process.env)
  if (specimen.packages.length > 0 && !existsSync(join(folder, 'node_modules'))) throw new Error(output)
  await writeFile(join(folder, 'installed'), '')
  return folder
}

/** A fresh project below an install, with these files. */
export async function makeProject(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(join(folder, 'projects'), { recursive: true })
  const project = await mkdtemp(join(folder, 'projects', 'p-'))
  await Promise.all(
    Object.entries({ 'package.json': '{"private":true}', ...files }).map(async ([name, content]) => {
      await mkdir(dirname(join(project, name)), { recursive: true })
      await writeFile(join(project, name), content)
    }),
  )
  return project
}

export function viewOf(files: Readonly<Record<string, string>>, directory = '.'): ProjectView {
  return {
    directory,
    paths: Object.keys(files),
    read: async (path) => files[path] ?? null,
    lockedVersion: () => null,
  }
}

export function invocationOf(given: Partial<Invocation>): Invocation {
  return { program: '', arguments: [], nodeArguments: [], variables: {}, directory: '.', from: 'test', ...given }
}

/** What a run left under /quarry/report. */
async function reportFiles(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const names = await readdir(folder)
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)))
}

export interface Trial extends ParsedReport {
  readonly output: string
  readonly files: ReadonlyMap<string, Buffer>
}

/** Runs a framework's command as a sandbox would, with /quarry in a temporary folder; both it and the project are gone then. */
export async function run(framework: TestFramework, command: Command, project: string, node: string): Promise<Trial> {
  const quarry = await realpath(await mkdtemp(join(tmpdir(), 'quarry-trial-')))
  await cp(reportersFolder, join(quarry, 'reporters'), { recursive: true })
  await symlink(process.execPath, join(quarry, 'node'))
  await mkdir(join(quarry, 'report'))
  await writeFile(join(quarry, 'report', 'nonce'), nonce)
  const [program = '', ...given] = command.argv.map((argument) => argument.replaceAll('/quarry/', `${quarry}/`))
  const variables = {
    PATH: `${dirname(node)}:/usr/bin:/bin`,
    HOME: quarry,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    ...command.variables,
  }
  const output = await execute(program === 'node' ? node : program, given, join(project, command.directory), variables)
  const files = await reportFiles(join(quarry, 'report'))
  await Promise.all([quarry, project].map((folder) => rm(folder, { recursive: true, force: true })))
  return {
    ...framework.parse({ files, stdout: Buffer.from(output), nonce, directory: command.directory }),
    output,
    files,
  }
}
