import { createHash, randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { maxSatisfying, satisfies } from '@renovatebot/pep440'
import { execa } from 'execa'
import { z } from 'zod'
import { Fault } from '../../errors.ts'
import { type Refused, refuse } from '../../model/index.ts'
import { once } from '../../once.ts'
import type { ProtocolRegistry } from '../../package-gateway/index.ts'
import { markName, markText, putInPlace, readMark } from '../kept-tools.ts'
import type { ProvidedTool, Toolchains, ToolOptions } from '../types.ts'
import { findInterpreters, type Interpreter } from './interpreters.ts'
import { lineOf, wasOut } from './release-dates.ts'

const page = z.object({
  files: z.array(z.object({ filename: z.string(), yanked: z.union([z.boolean(), z.string()]) })),
})
const request = { query: '', accept: 'application/vnd.pypi.simple.v1+json', asOf: null, address: '' } as const

/** `python`: the machine's own interpreters, where they lie. `uv`: out of its wheel, from the operator's index. */
export function openToolchains(options: Pick<ToolOptions, 'home' | 'packages' | 'environment'>): Toolchains {
  const interpreters = once(() => findInterpreters(options.environment))
  const wheels = once(async () => uvWheels(await options.packages('pypi')))
  const bringing = new Map<string, Promise<ProvidedTool | Refused>>()

  return {
    async resolveVersion(name, wanted, asOf) {
      if (name === 'uv') return maxSatisfying([...(await wheels()).keys()], wanted)
      const out = (await interpreters()).filter(({ version }) => wasOut(lineOf(version), asOf))
      return maxSatisfying(
        out.map(({ version }) => version),
        wanted,
      )
    },
    async provide(name, version) {
      if (name === 'python') return machines(await interpreters(), version)
      const wheel = name === 'uv' ? (await wheels()).get(version) : undefined
      if (wheel === undefined) return refuse('toolchain-not-available', { tool: name, version })
      const known = bringing.get(version)
      if (known !== undefined) return known
      const [unpacker] = (await interpreters()).filter((each) => satisfies(each.version, '>=3.6'))
      const call = bringUv(options, version, wheel, unpacker).finally(() => bringing.delete(version))
      bringing.set(version, call)
      return call
    },
  }
}

function machines(interpreters: readonly Interpreter[], version: string): ProvidedTool | Refused {
  const found = interpreters.find((each) => each.version === version)
  if (found === undefined)
    return refuse('toolchain-not-available', { tool: 'python', version, detail: `python ${version}` })
  return { folder: found.folder, digest: createHash('sha256').update(found.banner).digest('hex') }
}

/** Version → the file of its wheel for this machine. */
async function uvWheels(index: ProtocolRegistry | null): Promise<ReadonlyMap<string, string>> {
  const answer = await index?.answer({ ...request, segments: ['simple', 'uv'] })
  if (answer?.kind !== 'document') return new Map()
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  const fitting = new RegExp(`^uv-(?<version>[\\d.]+)-py3-none-manylinux_\\d+_\\d+_${machine}\\b.*\\.whl$`)
  const { files } = page.parse(JSON.parse(answer.body.toString()))
  return new Map(
    files.flatMap(({ filename, yanked }) => {
      const version = yanked === false ? fitting.exec(filename)?.groups?.version : undefined
      return version === undefined ? [] : [[version, filename] as const]
    }),
  )
}

async function bringUv(
  { home, packages }: Pick<ToolOptions, 'home' | 'packages'>,
  version: string,
  wheel: string,
  unpacker: Interpreter | undefined,
): Promise<ProvidedTool | Refused> {
  const root = join(home, 'toolchains')
  const folder = join(root, `uv-${version}`)
  const digest = await readMark(folder)
  if (digest !== null) return { folder, digest }
  const answer = await (await packages('pypi'))?.answer({ ...request, segments: ['files', 'uv', wheel] })
  if (answer?.kind !== 'file' || unpacker === undefined)
    return refuse('toolchain-not-available', { tool: 'uv', version })
  const aside = join(root, `.new-${randomUUID()}`)
  try {
    await unpackProgram(unpacker, answer.file.path, aside)
    const brought = `sha256:${answer.file.sha256}`
    await writeFile(join(aside, markName), markText(brought))
    await putInPlace(aside, folder)
    return { folder, digest: brought }
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

/** A wheel is a zip file, whose programs are below `<name>.data/scripts`; they go to `bin`. */
async function unpackProgram(unpacker: Interpreter, wheel: string, aside: string): Promise<void> {
  const unpacked = join(aside, 'wheel')
  await mkdir(unpacked, { recursive: true })
  const program = join(unpacker.folder, 'bin', `python${lineOf(unpacker.version)}`)
  const result = await execa(program, ['-m', 'zipfile', '-e', wheel, unpacked], { reject: false, timeout: 120_000 })
  if (result.failed) throw new Fault('toolchain', `a wheel can't be unpacked: ${result.stderr.slice(0, 500)}`)
  const data = (await readdir(unpacked)).find((name) => name.endsWith('.data'))
  if (data === undefined) throw new Fault('toolchain', 'the wheel of uv holds no programs')
  await rename(join(unpacked, data, 'scripts'), join(aside, 'bin'))
  for (const name of await readdir(join(aside, 'bin'))) await chmod(join(aside, 'bin', name), 0o755)
  await rm(unpacked, { recursive: true })
}
