import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { listContent, packLayer } from '../../environment/layer-archive.ts'
import { keptInLayer } from '../../environment/layer-rules.ts'
import { Fault, messageOf } from '../../errors.ts'
import { containerPaths, type InstallSettings } from '../../export/harbor/settings.ts'
import { layOut } from '../../git/index.ts'
import {
  boundCredentials,
  openGateway,
  openProtocols,
  openRegistry,
  readNpmConfiguration,
} from '../../package-gateway/index.ts'
import { GATEWAY_PORT, TESTBED } from '../../sandboxes/addresses.ts'
import { adopt, openContainerSandbox } from './container-sandbox.ts'
import { emptyFolder, layTestbed, repositoryOf } from './testbed.ts'

/*
 * Makes a task's image: installs what its tests need, by the commands that were recorded, through Quarry's own view of the
 * registry as of the task's date, keeps what they left as a layer, and lays out the snapshot. Bundled into one file for a task's
 * `environment` folder.
 */

const own = dirname(process.argv[1] ?? '')

async function main(): Promise<void> {
  // Written by the export beside this file: not input to be checked.
  const settings: InstallSettings = JSON.parse(await readFile(join(own, 'install.json'), 'utf8'))
  const work = join(containerPaths.quarry, 'work')
  await mkdir(work, { recursive: true, mode: 0o711 })
  const mirror = await repositoryOf(join(own, 'snapshot.pack'), join(work, 'repository.git'))
  try {
    await emptyFolder(TESTBED)
    await layOut(mirror, settings.baseTree, TESTBED)
    await layFiles(settings)
    await adopt(TESTBED)
    await throughGateway(settings, work, () => runCommands(settings, work))
    await keepLayer(settings)
    await layTestbed(mirror, settings, settings.baseTree)
  } finally {
    await mirror.close()
  }
  await rm(work, { recursive: true })
  await rm(own, { recursive: true })
  await emptyFolder('/tmp')
}

async function layFiles({ files }: InstallSettings): Promise<void> {
  for (const { path, content } of files) {
    const file = join(TESTBED, path)
    await rm(file, { force: true })
    if (content === null) continue
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
}

/** The recorded commands, as they are, each to its end; the first that fails fails the image. */
async function runCommands({ strategy }: InstallSettings, work: string): Promise<void> {
  const sandbox = openContainerSandbox(work)
  for (const { argv, directory, variables } of strategy.install) {
    process.stdout.write(`$ ${argv.join(' ')}\n`)
    const result = await sandbox.run({
      ...{ layers: [], scratch: null, mounts: [], argv, directory, gateway: null },
      variables: { ...strategy.variables, ...variables },
      limits: { seconds: 3600, memoryMiB: 0, processes: 0, fileMiB: 0, diskMiB: 0, outputMiB: 4, cores: [] },
    })
    process.stdout.write(Buffer.concat([result.stdout, result.stderr]))
    if (result.ended !== 'exited' || result.exitCode !== 0)
      throw new Fault('install', `${argv.join(' ')} ended with ${result.exitCode ?? result.ended}`)
  }
}

/** Opens the gateway at the address that the recorded commands and files name, for as long as `install` takes. */
async function throughGateway(settings: InstallSettings, work: string, install: () => Promise<void>): Promise<void> {
  const { upstream, authorizations } = await readNpmConfiguration(work, process.env)
  const [credentials, store] = [boundCredentials([], authorizations), join(work, 'packages')]
  const registry = openRegistry({ upstream, credentials, owner: '*', store })
  const protocols = openProtocols({ store, credentials, environment: process.env })
  const { asOf } = settings.strategy
  const gateway = await openGateway({
    ...{ registry, needs: settings.needs, socketFolder: work },
    packages: (protocol) => protocols.of('*', protocol),
    asOf: asOf === null ? null : new Date(asOf),
  })
  const door = await openDoor(gateway.socket)
  try {
    await install()
  } catch (error) {
    const { faults, missing } = gateway.log
    const told = [...faults, ...missing.map((name) => `not in the registry: ${name}`)].slice(0, 20)
    throw new Fault('install', [messageOf(error), ...told].join('\n'), { cause: error })
  } finally {
    door.close()
    await gateway.close()
    await registry.close()
    await protocols.close()
  }
}

/** Passes bytes from the loopback to the gateway's socket. */
function openDoor(socket: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const gateway = connect({ path: socket, allowHalfOpen: true })
    client.pipe(gateway).pipe(client)
    client.on('error', () => gateway.destroy())
    gateway.on('error', () => client.destroy())
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(GATEWAY_PORT, '127.0.0.1', () => resolve(server))
  })
}

/** What the install added, without what is the repository's own or comes of its sources. */
async function keepLayer({ tracked, layers }: InstallSettings): Promise<void> {
  const { kept } = await listContent(TESTBED, keptInLayer(layers, new Set(tracked)))
  const layer = createWriteStream(containerPaths.layer, { mode: 0o600 })
  await packLayer(TESTBED, kept, (compressed) => pipeline(compressed, layer))
}

try {
  await main()
} catch (error) {
  process.stderr.write(`the image can't be made: ${messageOf(error)}\n`)
  process.exitCode = 1
}
