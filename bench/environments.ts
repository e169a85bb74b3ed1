import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { sql } from 'drizzle-orm'
import { execa } from 'execa'
import { openServices } from '../src/apps/cli/open-services.ts'
import { everything } from '../src/apps/cli/services.ts'
import { type Machine, openMachine, withMachine } from '../src/apps/machine.ts'
import { type Config, readConfig } from '../src/config.ts'
import { openDatabase } from '../src/db/connect.ts'
import { makeLog } from '../src/log.ts'
import { isRefused, type Strategy } from '../src/model/index.ts'
import { holdPlace } from '../src/pipeline/environments.ts'
import { openTaskMirror } from '../src/pipeline/task-mirrors.ts'
import { type FullTask, taskWithId } from '../src/query/tasks.ts'
import { GATEWAY_PORT } from '../src/sandboxes/addresses.ts'
import { spreadFolder } from '../src/sandboxes/spread-folder.ts'
import { cloneOf, samples } from './environment-samples.ts'
import { plainInstalls } from './plain-installs.ts'
import { tell } from './tell.ts'

/** Rounds that count; `BENCH_ROUNDS=1` for a first look at what takes minutes each. */
const rounds = Math.max(1, Math.floor(Number(process.env.BENCH_ROUNDS ?? 3)) || 3)

interface Project {
  readonly ecosystem: string
  readonly clone: string
  readonly name: string
}

type Row = { readonly figure: string; readonly value: number; readonly unit: string; readonly goal?: string }

/**
 * Environments against the plain tools: a layer's build and disk beside the tool's own install of the same packages, through the same gateway, in an
 * empty folder; a second candidate with the same key; and what a run compiles. Medians of three rounds that take turns (`BENCH_ROUNDS`).
 * `npm run bench -- environments [ECOSYSTEM…]`, or `… ECOSYSTEM CLONE owner/name` for a repository of one's own with linked pulls.
 */
export default async function benchEnvironments() {
  // The plain tools' folders are spread out as Quarry's are.
  const folder = await spreadFolder(mkdtempSync(join(tmpdir(), 'quarry-bench-')))
  try {
    const rows: Row[] = []
    for (const project of projectsOf(process.argv.slice(3), folder)) {
      tell(`${project.ecosystem}: ${project.name}`)
      const home = join(folder, `home-${project.ecosystem}`)
      rows.push(
        ...(await measure(project, readConfig({ ...process.env, QUARRY_HOME: home, DATABASE_URL: '' }), folder)),
      )
    }
    return { name: 'Environments', rows }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function projectsOf([first, clone, name, ...more]: readonly string[], folder: string): readonly Project[] {
  if (first !== undefined && clone !== undefined && name?.includes('/'))
    return [{ ecosystem: first, clone: resolve(clone), name }]
  const named = [first, clone, name, ...more].filter((one) => one !== undefined)
  const chosen = samples.filter(({ ecosystem }) => named.length === 0 || named.includes(ecosystem))
  return chosen.flatMap((sample) => {
    try {
      return [{ ecosystem: sample.ecosystem, clone: cloneOf(sample, folder), name: `acme/${sample.ecosystem}` }]
    } catch (error) {
      tell(`${sample.ecosystem}: left out, its tool is not on this machine: ${String(error).slice(0, 200)}`)
      return []
    }
  })
}

async function measure(project: Project, config: Config, folder: string): Promise<readonly Row[]> {
  const { ecosystem } = project
  const measured: Record<'build' | 'bytes' | 'second' | 'plain' | 'plainBytes', number[]> = {
    ...{ build: [], bytes: [], second: [], plain: [], plainBytes: [] },
  }
  // The first round brings tools and packages, and counts for nothing.
  for (let round = 0; round <= rounds; round += 1) {
    const mined = await mine(project, config)
    const plain = await installPlainly(project, config, join(folder, `plain-${ecosystem}-${round}`), mined.strategy)
    if (round === 0) continue
    measured.build.push(mined.seconds)
    measured.bytes.push(mined.bytes)
    measured.second.push(mined.second)
    measured.plain.push(plain.seconds)
    measured.plainBytes.push(plain.bytes)
  }
  const [build, bytes, plain, plainBytes] = [measured.build, measured.bytes, measured.plain, measured.plainBytes].map(
    median,
  )
  const mebibytes = (value = 0) => value / 2 ** 20
  return [
    { figure: `${ecosystem}: layer built`, value: build ?? 0, unit: 's' },
    { figure: `${ecosystem}: the plain tool`, value: plain ?? 0, unit: 's' },
    { figure: `${ecosystem}: layer ÷ plain, time`, value: (build ?? 0) / (plain ?? 1), unit: '', goal: '≤ 1.15' },
    { figure: `${ecosystem}: layer on disk`, value: mebibytes(bytes), unit: 'MiB' },
    { figure: `${ecosystem}: the plain tool's`, value: mebibytes(plainBytes), unit: 'MiB' },
    { figure: `${ecosystem}: layer ÷ plain, disk`, value: (bytes ?? 0) / (plainBytes ?? 1), unit: '', goal: '≤ 1.15' },
    ...(await withMachine(config, 1, (machine) => compiled(machine, ecosystem, median(measured.second)))),
  ]
}

interface Mined {
  readonly strategy: Pick<Strategy, 'toolchain' | 'asOf'>
  readonly seconds: number
  readonly bytes: number
  /** The environment stage of the last candidate, without the tests that it ran. */
  readonly second: number
}

/** Mines with an empty ledger and no environment. Attempts are numbered as they end: whose came first, whatever pull it was of. */
async function mine({ clone, name, ecosystem }: Project, config: Config): Promise<Mined> {
  const database = await openDatabase({ home: config.home })
  try {
    await database.db.execute(
      sql`truncate environments, learned_strategies, candidates, snapshots, attempts, runs, verdicts, flaky_tests, tasks, publications, grades cascade`,
    )
    const services = openServices({ config, log: makeLog(config.logLevel) })
    const quiet = { total: () => undefined, step: () => undefined, doing: () => undefined, end: () => undefined }
    // One after the other: neither waits for cores that the other's runs have.
    for (const limit of [1, null])
      await services.mine(
        {
          ...everything,
          ...{ repository: clone, name, pullsFile: null, limit, runs: 1, concurrency: 1 },
        },
        { decided: (line) => tell(JSON.stringify(line)), progress: quiet, signal: new AbortController().signal },
      )
    const { rows } = await database.db.execute<{
      strategy: Strategy
      seconds: number
      bytes: string
      second: number
      environment: string
    }>(sql`
      select a.strategy, a.environment_id as environment, e.seconds, e.unpacked_bytes as bytes,
        (c.seconds->>'environment')::float - coalesce((select sum((r.seconds->>'prepare')::float + (r.seconds->>'build')::float + (r.seconds->>'test')::float)
          from runs r where r.attempt_id = a.id and r.state = 'after' and r.part = 'suite' and r.ordinal = 0), 0) as second
      from candidates c join attempts a on a.id = c.attempt_id join environments e on e.id = a.environment_id
      where a.strategy->>'ecosystem' = ${ecosystem} order by a.id`)
    const [first] = rows
    if (first === undefined) throw new Error(`nothing of ${name} came to an environment`)
    return {
      strategy: first.strategy,
      seconds: first.seconds,
      bytes: Number(first.bytes),
      second: rows.findLast((row) => row !== first && row.environment === first.environment)?.second ?? Number.NaN,
    }
  } finally {
    await database.close()
  }
}

/** The tool's own install, with the tools and the date of the environment. */
async function installPlainly(
  { ecosystem, clone }: Project,
  config: Config,
  folder: string,
  strategy: Mined['strategy'],
): Promise<{ readonly seconds: number; readonly bytes: number }> {
  const plain = plainInstalls[ecosystem]
  if (plain === undefined) throw new Error(`no plain install of ${ecosystem} is known`)
  mkdirSync(folder)
  execFileSync('sh', ['-c', 'git -C "$1" archive HEAD | tar -x -C "$2"', 'lay', clone, folder])
  const sources = bytesBelow(folder)
  const machine = await openMachine(config, 1)
  try {
    const tools = await toolFolders(machine, strategy.toolchain)
    const gateway = await machine.workshop.openGateway(strategyWith(strategy), '*', [])
    const door = await openDoor(gateway.socket)
    const { commands, variables } = plain(folder, `http://127.0.0.1:${GATEWAY_PORT}`, tools)
    const path = [
      ...Object.values(tools).flatMap((tool) => [join(tool, 'bin'), tool]),
      '/usr/local/bin',
      '/usr/bin',
      '/bin',
    ]
    const began = performance.now()
    for (const [program = '', ...given] of commands) {
      // The gateway answers in this very process.
      await execa(program, given, {
        cwd: folder,
        extendEnv: false,
        env: { HOME: join(folder, '.home'), LANG: 'C.UTF-8', CI: 'true', PATH: path.join(delimiter), ...variables },
        stdio: ['ignore', 'ignore', 'inherit'],
        timeout: 1_200_000,
      })
    }
    const seconds = (performance.now() - began) / 1000
    await new Promise((done) => door.close(done))
    await gateway.close()
    return { seconds, bytes: bytesBelow(folder) - sources }
  } finally {
    await machine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function strategyWith({ toolchain, asOf }: Mined['strategy']): Omit<Strategy, 'tests'> {
  return {
    ...{ name: 'plain', ecosystem: 'node', toolchain, overrides: [], install: [], build: [], variables: {} },
    ...{ asOf, flags: [], evidence: [] },
  }
}

async function toolFolders({ workshop }: Machine, toolchain: Strategy['toolchain']): Promise<Record<string, string>> {
  const folders: Record<string, string> = {}
  for (const [tool, version] of Object.entries(toolchain)) {
    const provided = await workshop.tools.provide(tool, version)
    if (isRefused(provided)) throw new Error(`${tool} ${version} is not to be had`)
    folders[tool] = provided.folder
  }
  return folders
}

/** Passes bytes from the loopback to the gateway's socket, as the sandbox does. */
function openDoor(socket: string) {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const gateway = connect({ path: socket, allowHalfOpen: true })
    client.pipe(gateway).pipe(client)
    client.on('error', () => gateway.destroy())
    gateway.on('error', () => client.destroy())
  })
  return new Promise<typeof server>((done, reject) => {
    server.once('error', reject)
    server.listen(GATEWAY_PORT, '127.0.0.1', () => done(server))
  })
}

/**
 * What the second candidate of a key takes (`second`, seconds), without compiling its own base tree ahead where the ecosystem does, which its runs have
 * the good of; and what runs take that compile everything of the repository's own, or only what the fix touches.
 */
async function compiled({ database, workshop }: Machine, ecosystem: string, second: number): Promise<readonly Row[]> {
  const again = { figure: `${ecosystem}: second candidate, same key`, unit: 's', goal: '≤ 1' }
  const { rows } = await database.db.execute<{ id: string }>(sql`select id from tasks order by id limit 1`)
  const task = rows[0] === undefined ? null : await taskWithId(database.db, Number(rows[0].id))
  if (task === null || (task.strategy.prebuild ?? []).length === 0) return [{ ...again, value: second }]
  // Tools are found, and the snapshot is laid out, by whoever comes first.
  await runSeconds(workshop, database.db, { ...task, strategy: { ...task.strategy, prebuild: [] } })
  const everything = await runSeconds(workshop, database.db, { ...task, strategy: { ...task.strategy, prebuild: [] } })
  const touched = await runSeconds(workshop, database.db, task)
  const ahead = touched.held - everything.held
  return [
    { ...again, value: second - ahead },
    { figure: `${ecosystem}: its base tree compiled ahead`, value: ahead, unit: 's' },
    { figure: `${ecosystem}: a run that compiles all of the repository`, value: everything.run, unit: 's' },
    { figure: `${ecosystem}: a run that compiles what the fix touches`, value: touched.run, unit: 's' },
    { figure: `${ecosystem}: the second ÷ the first`, value: touched.run / everything.run, unit: '' },
  ]
}

/** How long it takes until the task's snapshot is held, and a run of its fix. */
async function runSeconds(
  workshop: Machine['workshop'],
  db: Machine['database']['db'],
  task: FullTask,
): Promise<{ readonly held: number; readonly run: number }> {
  const mirror = await openTaskMirror(workshop.mirrors, workshop.sources, db, task)
  const { strategy, environment, snapshot } = task
  const began = performance.now()
  const place = await holdPlace(workshop.holders, {
    ...{ mirror, strategy, environment, baseTree: snapshot.baseTree, tag: snapshot.tag },
  })
  const holding = (performance.now() - began) / 1000
  try {
    const held = place.environment({
      ...{ mirror, limits: { seconds: 1800, memoryMiB: 8192 }, coresPerRun: workshop.coresPerRun, priority: 0 },
    })
    const seconds: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const { seconds: took } = await held.run(snapshot.afterTree, null)
      seconds.push(took.build + took.test)
    }
    return { held: holding, run: median(seconds) }
  } finally {
    await place.release()
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function bytesBelow(folder: string): number {
  const told = execFileSync('du', ['--summarize', '--apparent-size', '--block-size=1', folder], { encoding: 'utf8' })
  return Number.parseInt(told, 10)
}
