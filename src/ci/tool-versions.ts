import type { TreeReader } from '../model/index.ts'
import { isRecord, recordIn, safeToml, scalar, texts } from './values.ts'

/** A version of a tool that a file of a version manager pins. */
export interface PinnedTool {
  /** `python`, `go`, `rust`, `node`, `java`, `ruby`, `maven`, `uv` … */
  readonly tool: string
  readonly version: string
  /** The file. */
  readonly from: string
}

const names: Readonly<Record<string, string>> = { golang: 'go', nodejs: 'node' }

/** What `.tool-versions`, mise's settings and `.sdkmanrc` pin, in that order; of several versions the first, which is the default. */
export async function readToolVersions(tree: TreeReader): Promise<readonly PinnedTool[]> {
  const pinned: PinnedTool[] = []
  const add = (name: string, version: string | undefined, from: string): void => {
    const plain = version?.trim() ?? ''
    if (plain !== '' && plain !== 'system') pinned.push({ tool: names[name] ?? name, version: plain, from })
  }
  const asdf = (await tree.read('.tool-versions')) ?? ''
  for (const line of asdf.split(/\r?\n/, 500)) {
    const [name = '', version] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (name !== '') add(name, version, '.tool-versions')
  }
  for (const path of ['mise.toml', '.mise.toml', '.config/mise.toml', '.config/mise/config.toml', '.rtx.toml']) {
    const text = tree.has(path) ? await tree.read(path) : null
    for (const [name, held] of Object.entries(recordIn(safeToml(text ?? ''), 'tools')))
      add(name, (isRecord(held) ? scalar(held.version) : texts(held)[0]) ?? undefined, path)
  }
  const sdkman = (await tree.read('.sdkmanrc')) ?? ''
  for (const found of sdkman.matchAll(/^\s*(\w+)\s*=\s*(\S+)/gm)) add(found[1] ?? '', found[2], '.sdkmanrc')
  return pinned
}
