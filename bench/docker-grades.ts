import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import pLimit from 'p-limit'
import { gradeServices } from '../src/apps/grading.ts'
import { withMachine } from '../src/apps/machine.ts'
import type { Config } from '../src/config.ts'
import type { Database } from '../src/db/connect.ts'
import type { GradeOrder } from '../src/grade/ask.ts'
import { toolchainMounts } from '../src/pipeline/environments.ts'
import type { Workshop } from '../src/pipeline/workshop.ts'
import { type FullTask, taskWithId } from '../src/query/tasks.ts'
import { frameworkNamed, reportersFolder } from '../src/test-frameworks/index.ts'

interface Contained {
  readonly anHour: number
  /** Seconds of each run above its commands. */
  readonly overheads: readonly number[]
}

/** One image a task, as those have it who grade by `docker run`. */
interface Image {
  readonly tag: string
  readonly mounts: readonly string[]
  /** Applies /patch and the tests' patch, builds, tests, and tells on its last line how many seconds the last two took. */
  readonly script: string
}

/** The same patches, one `docker run` each, as many side by side as there are cores; null where no Docker can be started. */
export async function inContainers(
  config: Config,
  database: Database,
  orders: readonly GradeOrder[],
): Promise<Contained | null> {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-docker-'))
  const daemon = await startDaemon(folder)
  if (daemon === null) return null
  try {
    return await withMachine(config, 1, async ({ workshop }) => {
      const images = new Map<number, Image>()
      for (const id of new Set(orders.map(({ task }) => task.id))) {
        const task = await taskWithId(database.db, id)
        if (task !== null) images.set(id, await makeImage(workshop, database, task, folder))
      }
      return runAll(orders, images, folder, workshop.cores.total)
    })
  } finally {
    await daemon.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function startDaemon(folder: string) {
  const socket = `unix://${join(folder, 'docker.sock')}`
  const own = ['data-root', 'exec-root', 'pidfile'].flatMap((name) => [`--${name}`, join(folder, name)])
  const child: ChildProcess = spawn('dockerd', ['--host', socket, ...own, '--iptables=false', '--bridge=none'], {
    stdio: 'ignore',
  })
  const failed = once(child, 'error').then(
    () => false,
    () => false,
  )
  const ready = async () => {
    for (let tries = 0; tries < 120 && child.exitCode === null; tries += 1) {
      if ((await execa('docker', ['--host', socket, 'info'], { reject: false })).exitCode === 0) return true
      await delay(250)
    }
    return false
  }
  const stop = async () => {
    if (child.pid === undefined || child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }
  if (await Promise.race([ready(), failed])) return { stop }
  await stop()
  return null
}

const host = (folder: string) => ['--host', `unix://${join(folder, 'docker.sock')}`]

/** A tree of the sandbox's root (its /usr mounted, the rest links), with layer and snapshot at /testbed. */
async function makeImage(workshop: Workshop, database: Database, task: FullTask, folder: string): Promise<Image> {
  const tag = `bench:${task.id}`
  const root = join(folder, `root-${task.id}`)
  for (const name of ['usr', 'etc', 'tmp', 'testbed', 'quarry/report', 'env', 'patches'])
    mkdirSync(join(root, name), { recursive: true })
  for (const name of ['bin', 'lib', 'lib64', 'sbin'])
    if (existsSync(`/${name}`)) symlinkSync(`usr/${name}`, join(root, name))
  writeFileSync(join(root, 'patches/tests'), task.snapshot.testPatch)
  const services = gradeServices(workshop, database.db, task, new AbortController().signal)
  await services.withMirror(task, (mirror) =>
    services.withEnvironment(task, mirror, async ({ folders }) => {
      const below = [...folders.layers, folders.snapshot]
      for (const each of below) execFileSync('cp', ['--archive', `${each}/.`, join(root, 'testbed')])
    }),
  )
  const tar = execa('tar', ['--create', '--directory', root, '.'], { buffer: false, stdin: 'ignore' })
  const load = execa('docker', [...host(folder), 'import', '-', tag])
  if (load.stdin !== null) await pipeline(tar.stdout, load.stdin)
  await load
  rmSync(root, { recursive: true })
  const tools = await toolchainMounts(workshop.tools, task.strategy)
  const mounts = [
    ['/usr', '/usr'],
    [reportersFolder, '/quarry/reporters'],
    ...tools.map(({ source, target }) => [source, target]),
  ]
  return { tag, mounts: mounts.flatMap(([from, to]) => ['--volume', `${from}:${to}:ro`]), script: scriptOf(task) }
}

function scriptOf({ strategy }: FullTask): string {
  const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
  const commands = [
    ...strategy.build,
    ...strategy.tests.map((plan) => frameworkNamed(plan.framework).command(plan, null)),
  ]
  const lines = commands.map(({ argv, directory, variables }) => {
    const all = Object.entries({ ...strategy.variables, ...variables }).map(([name, value]) =>
      quoted(`${name}=${value}`),
    )
    return `(cd ${quoted(directory)} && env ${all.join(' ')} ${argv.map(quoted).join(' ')} >/tmp/printed 2>&1)`
  })
  const apply =
    'cd /testbed && git apply /patch && git apply /patches/tests && printf %032d 0 >/quarry/report/nonce || exit 8'
  // A container that tested nothing would be the quickest.
  const tested = '[ "$(ls /quarry/report | grep -cv nonce)" -gt 0 ] || exit 9'
  return [apply, 'begun=$(date +%s%N)', ...lines, 'took=$(( $(date +%s%N) - begun ))', tested, 'echo $took'].join('\n')
}

async function runAll(
  orders: readonly GradeOrder[],
  images: ReadonlyMap<number, Image>,
  folder: string,
  cores: number,
): Promise<Contained> {
  const limit = pLimit(cores)
  const started = performance.now()
  const overheads = await Promise.all(
    orders.map((order, at) =>
      limit(() => runOne(order, images.get(order.task.id), join(folder, `patch-${at}`), folder)),
    ),
  )
  return { anHour: (orders.length / (performance.now() - started)) * 3_600_000, overheads }
}

async function runOne({ patch }: GradeOrder, image: Image | undefined, file: string, folder: string): Promise<number> {
  if (image === undefined) throw new Error('a task without an image')
  const started = performance.now()
  writeFileSync(file, patch)
  const path = `PATH=/env/node/bin:/usr/bin:/bin`
  const limits = ['--rm', '--network', 'none', '--cpus', '1', '--memory', '4g', '--env', path]
  const { stdout } = await execa('docker', [
    ...[...host(folder), 'run', ...limits, '--volume', `${file}:/patch:ro`, ...image.mounts],
    ...[image.tag, '/bin/sh', '-c', image.script],
  ])
  const seconds = (performance.now() - started) / 1000
  return seconds - Number(stdout.trim().split('\n').at(-1)) / 1e9
}
