import { parse as parseJsonc } from 'jsonc-parser'
import type { TreeReader } from '../model/index.ts'
import { expandVariables, quoted } from './expand.ts'
import { setupFor, setupsOfImage } from './image-versions.ts'
import { joined } from './paths.ts'
import type { CiJob, CiRun, CiSetup } from './types.ts'
import { isRecord, recordIn, scalar, texts } from './values.ts'

const mostLines = 5000

/**
 * What Dockerfiles and devcontainer.json make, as if each were a job: the language's version as a set-up action, its commands as runs. They
 * say how a machine for the repository is made where its CI does not.
 */
export async function readImages(tree: TreeReader): Promise<readonly CiJob[]> {
  const jobs: CiJob[] = []
  const files = tree.paths.filter((path) =>
    /^(?:(?:\.?docker|\.devcontainer|ci|\.ci)\/)?(?:[\w-]+\.)?(?:Dockerfile|Containerfile)(?:\.[\w-]+)?$/.test(path),
  )
  for (const path of files.toSorted().slice(0, 20)) {
    const text = await tree.read(path)
    if (text !== null) jobs.push(...stagesOf(path, text))
  }
  for (const path of ['.devcontainer/devcontainer.json', '.devcontainer.json']) {
    const text = tree.has(path) ? await tree.read(path) : null
    const held: unknown = text === null ? undefined : parseJsonc(text)
    if (isRecord(held)) jobs.push(devcontainer(path, held))
  }
  return jobs
}

function jobOf(from: string, image: string | null, setups: readonly CiSetup[], runs: readonly CiRun[]): CiJob {
  return { from, linux: true, everyPush: true, container: image, services: [], setups, runs }
}

/** One stage of a Dockerfile while it is read. */
interface Stage {
  readonly name: string
  readonly image: string
  readonly runs: CiRun[]
  variables: Record<string, string>
  /** The folder that stands for the repository's root, and where commands run. */
  root: string | null
  directory: string
}

function stagesOf(path: string, text: string): readonly CiJob[] {
  const stages: Stage[] = []
  const globals: Record<string, string> = {}
  for (const [word, rest] of instructions(text)) {
    const stage = stages.at(-1)
    if (word === 'FROM') stages.push(stageOf(rest, stages, globals))
    else if (word === 'ARG' || word === 'ENV') setVariables(stage?.variables ?? globals, rest)
    else if (stage !== undefined && word === 'WORKDIR') changeDirectory(stage, rest)
    else if (stage !== undefined && word === 'RUN') stage.runs.push(runOf(stage, rest))
  }
  return stages.map((stage) =>
    jobOf(`${path} stage ${stage.name}`, stage.image, setupsOfImage(stage.image), stage.runs),
  )
}

/** The instructions with what stands behind them; here-documents of `RUN` are their text. */
function instructions(text: string): readonly (readonly [string, string])[] {
  const lines = text.replaceAll(/\r\n/g, '\n').split('\n', mostLines)
  const found: (readonly [string, string])[] = []
  for (let at = 0; at < lines.length; at += 1) {
    let line = lines[at] ?? ''
    while (/\\\s*$/.test(line) && at + 1 < lines.length) {
      at += 1
      const next = lines[at] ?? ''
      line = `${line.replace(/\\\s*$/, '')} ${/^\s*#/.test(next) ? '\\' : next.trim()}`
    }
    const [, word = '', rest = ''] = /^\s*([A-Za-z]+)\s+(.*)$/s.exec(line) ?? []
    const ends = word.toUpperCase() === 'RUN' ? /^(?:--\S+\s+)*<<-?\s*["']?(\w+)["']?\s*$/.exec(rest)?.[1] : undefined
    const end = ends === undefined ? -1 : lines.findIndex((each, index) => index > at && each.trim() === ends)
    if (end !== -1) {
      found.push(['RUN', lines.slice(at + 1, end).join('\n')])
      at = end
    } else if (word !== '') found.push([word.toUpperCase(), rest.trim()])
  }
  return found
}

function stageOf(rest: string, stages: readonly Stage[], globals: Readonly<Record<string, string>>): Stage {
  const words = expandVariables(rest, globals)
    .split(/\s+/)
    .filter((word) => !word.startsWith('--'))
  const [image = '', , name = ''] = words
  const base = stages.find((stage) => stage.name === image)
  const directory = base?.directory ?? '.'
  return {
    name: name === '' ? String(stages.length) : name,
    image: base?.image ?? image,
    runs: [],
    variables: { ...globals, ...base?.variables },
    root: base?.root ?? null,
    directory,
  }
}

/** `A=1 B="2 3"`, `A 1` of older files, `ARG A`. */
function setVariables(variables: Record<string, string>, rest: string): void {
  const pairs = [...rest.matchAll(/([A-Za-z_]\w*)=("[^"]*"|'[^']*'|\S*)/g)]
  const old = pairs.length === 0 ? /^([A-Za-z_]\w*)\s+(.+)$/.exec(rest) : null
  for (const [, name = '', value = ''] of old === null ? pairs : [old]) {
    const plain = expandVariables(value.replace(/^["']|["']$/g, ''), variables)
    if (!plain.includes('$')) variables[name] = plain
  }
}

/** The first absolute folder stands for the root. */
function changeDirectory(stage: Stage, rest: string): void {
  const target = expandVariables(rest, stage.variables)
    .replace(/^["']|["']$/g, '')
    .replace(/\/$/, '')
  if (!target.startsWith('/')) stage.directory = joined(stage.directory, target)
  else {
    stage.root ??= target
    stage.directory = target.startsWith(`${stage.root}/`) ? joined('.', target.slice(stage.root.length + 1)) : '.'
  }
}

function runOf(stage: Stage, rest: string): CiRun {
  const text = rest.replace(/^(?:--[\w-]+(?:=\S+)?\s+)+/, '')
  const words: unknown = text.startsWith('[') ? parseJsonc(text) : null
  return {
    text: Array.isArray(words) ? texts(words).map(quoted).join(' ') : text,
    directory: stage.directory,
    variables: { ...stage.variables },
  }
}

function devcontainer(path: string, held: Readonly<Record<string, unknown>>): CiJob {
  const image = scalar(held.image)
  const features = Object.entries(recordIn(held, 'features')).flatMap(([feature, options]) => {
    const name = (feature.split('/').at(-1) ?? '').replace(/:.*$/, '')
    const version = scalar(options) ?? (isRecord(options) ? scalar(options.version) : null)
    return version === null || /latest|none|os-provided/.test(version) ? [] : setupFor(name, [version])
  })
  const lines = ['onCreateCommand', 'updateContentCommand', 'postCreateCommand'].flatMap((key) => commandsOf(held[key]))
  const variables = Object.fromEntries(
    Object.entries(recordIn(held, 'containerEnv')).flatMap(([name, value]) => {
      const text = scalar(value)
      return text === null || text.includes('$') ? [] : [[name, text] as const]
    }),
  )
  const setups = [...(image === null ? [] : setupsOfImage(image)), ...features]
  return jobOf(
    path,
    image,
    setups,
    lines.map((text) => ({ text, directory: '.', variables })),
  )
}

/** A text, a list of words, or several of these by name. */
function commandsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return [texts(value).map(quoted).join(' ')]
  return isRecord(value) ? Object.values(value).flatMap(commandsOf) : texts(value)
}
