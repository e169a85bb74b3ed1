import type { Strategy, TreeReader } from '../../model/index.ts'
import { projectOfFile } from '../../package-gateway/index.ts'
import { leadsElsewhere } from './requirement-texts.ts'
import { requirementFiles } from './test-requirements.ts'

export interface WithoutElsewhere {
  readonly overrides: Strategy['overrides']
  /** Lines that were taken out: what only a git host, another server or another index could answer. */
  readonly trimmed: readonly string[]
  /** Extras of the project itself that lines asked for. */
  readonly extras: readonly string[]
}

/**
 * The files that an install reads without what leads past the index: git hosts, other servers, other indexes. A distribution that is named by
 * its address is asked of the gateway instead, which has it where the index does, whatever host it was on. `named`: files of requirements that
 * commands name.
 */
export async function withoutElsewhere(
  tree: TreeReader,
  named: readonly string[],
  gateway: string,
): Promise<WithoutElsewhere> {
  const overrides: { path: string; content: string }[] = []
  const trimmed: string[] = []
  const extras: string[] = []
  const manifests = ['pyproject.toml', 'setup.cfg'].filter((path) => tree.has(path))
  for (const path of new Set([...requirementFiles(tree), ...named, ...manifests])) {
    const text = await tree.read(path)
    if (text === null) continue
    const kept = path.endsWith('.toml')
      ? ofToml(text, gateway, trimmed)
      : ofLines(withoutOwn(path, text, extras), gateway, trimmed)
    if (kept !== text) overrides.push({ path, content: kept })
  }
  return { overrides, trimmed, extras }
}

/** The project itself (`-e .[test]`) is installed by commands of its own, each in the way that its build allows. */
function withoutOwn(path: string, text: string, extras: string[]): string {
  if (path.endsWith('.cfg')) return text
  return text
    .split('\n')
    .filter((line) => {
      const own = /^\s*(?:(?:-e|--editable)[\s=]*)?(?:file:)?\.\/?(?:\[(?<extras>[^\]]*)\])?\s*(?:#.*)?$/.exec(line)
      if (own !== null) extras.push(...(own.groups?.extras ?? '').split(',').flatMap((each) => each.trim() || []))
      return own === null
    })
    .join('\n')
}

function ofLines(text: string, gateway: string, trimmed: string[]): string {
  return text
    .split('\n')
    .flatMap((line) => {
      if (!leadsElsewhere(line)) return [line]
      const served = fromGateway(line, gateway)
      if (served !== null) return [served]
      trimmed.push(line.trim())
      return []
    })
    .join('\n')
}

/** Texts of arrays: `"name @ git+https://…"`, with the comma behind. */
function ofToml(text: string, gateway: string, trimmed: string[]): string {
  return text.replaceAll(
    /(?<quote>["'])(?<inner>[A-Za-z][\w.[\], -]*@\s*[\w+]+:\/\/[^"'\n]*)\k<quote>\s*,?/g,
    (whole, _quote, inner: string) => {
      const served = fromGateway(inner, gateway)
      if (served !== null) return whole.replace(inner, served)
      trimmed.push(inner)
      return ''
    },
  )
}

function fromGateway(line: string, gateway: string): string | null {
  const { address, file } = /(?<address>https?:\/\/[^\s#;]*\/(?<file>[^\s/#;?]+))/.exec(line)?.groups ?? {}
  const project = file === undefined ? null : projectOfFile(file)
  if (address === undefined || project === null || /git\+|^\s*-/.test(line) || /\/archive\//.test(address)) return null
  return line.replace(address, `${gateway}/~pypi/files/${project}/${file}`)
}
