import { posix } from 'node:path'
import type { CiJob } from '../../ci/types.ts'
import type { TreeReader } from '../../model/index.ts'
import type { ToolVersions } from '../types.ts'

/** A Ruby of the machine with where the choice came from; `null` as version: none of the machine's will do. */
export interface RubyChoice {
  readonly version: string | null
  /** What was asked for, in an operator's words: `ruby 2.7`. */
  readonly wanted: string
  readonly evidence: string
}

interface Wish {
  readonly wanted: string
  readonly from: string
}

/**
 * What the manifests demand (`ruby` of the Gemfile, `required_ruby_version`) has to be met. Of the Rubies that do, the one of `.ruby-version`, then the
 * newest of the CI's matrix, then the newest. `.ruby-version` alone is a demand, too, where no manifest says otherwise.
 */
export async function chooseRuby(
  tree: TreeReader,
  jobs: readonly CiJob[],
  mergedAt: Date,
  tools: ToolVersions,
): Promise<RubyChoice> {
  const demands = await demandsOf(tree)
  const pinned = await pinnedIn(tree)
  const resolve = (wanted: string) => tools.resolveVersion('ruby', wanted, mergedAt)
  const demanded = demands.map(({ wanted }) => wanted).join(', ')
  const also = (wanted: string) => resolve([minor(wanted), demanded].filter((part) => part !== '').join(', '))
  const preferred = [...pinned, ...ciWishes(jobs)]
  for (const wish of preferred) {
    const version = await also(wish.wanted)
    if (version !== null) return chosen(version, wish)
  }
  const [demand] = demands
  const isBound = demand === undefined && pinned[0] !== undefined
  const any = isBound ? null : await resolve(demanded === '' ? '>= 0' : demanded)
  const wish = demand ?? pinned[0] ?? { wanted: '>= 0', from: 'the machine' }
  if (any !== null) return chosen(any, demand ?? { wanted: 'any', from: 'the machine' })
  const wanted = `ruby ${(demand === undefined ? wish.wanted : demanded).replace(/^(\d+\.\d+)\.\d+$/, '$1')}`
  return { version: null, wanted, evidence: `${wanted} ← ${wish.from}` }
}

function chosen(version: string, { wanted, from }: Wish): RubyChoice {
  return { version, wanted: `ruby ${wanted}`, evidence: `ruby ${version} ← ${from} (${wanted})` }
}

/** `3.1.2` → any patch of 3.1: they are exchangeable, and the machine has one. */
function minor(wanted: string): string {
  const line = /^(\d+\.\d+)(?:\.\d+)?/.exec(wanted)?.[1]
  return line === undefined ? wanted : `~> ${line}.0`
}

async function demandsOf(tree: TreeReader): Promise<readonly Wish[]> {
  const wishes: Wish[] = []
  for (const path of ['Gemfile', 'gems.rb']) {
    const text = (await tree.read(path)) ?? ''
    const line = /^\s*ruby[ (]+(["'][^\n#]*)/m.exec(text)?.[1] ?? ''
    // `engine: 'jruby'` and the like are no versions.
    const wanted = [...line.matchAll(/["']((?:~>|[<>=!]+)?\s*\d[\d.]*)["']/g)].map((match) => demandOf(match[1] ?? ''))
    if (wanted.length > 0) wishes.push({ wanted: wanted.join(', '), from: path })
  }
  for (const path of tree.paths.filter((name) => /^[^/]+\.gemspec$/.test(name))) {
    const line = /required_ruby_version\s*=\s*([^\n#]*)/.exec((await tree.read(path)) ?? '')?.[1] ?? ''
    const wanted = [...line.matchAll(/["']((?:~>|[<>=!]+)?\s*\d[\d.]*)[\w.]*["']/g)].map((match) => match[1] ?? '')
    if (wanted.length > 0) wishes.push({ wanted: wanted.join(', '), from: posix.basename(path) })
  }
  return wishes
}

/** `ruby "2.7.5"` in a Gemfile means this line; another patch of it is as good. */
function demandOf(wanted: string): string {
  return /^\d/.test(wanted) ? minor(wanted) : wanted
}

async function pinnedIn(tree: TreeReader): Promise<readonly Wish[]> {
  const own = /^(?:ruby-)?(\d+\.\d+(?:\.\d+)?)/.exec(((await tree.read('.ruby-version')) ?? '').trim())?.[1]
  const tools = /^ruby\s+(\d+\.\d+(?:\.\d+)?)/m.exec((await tree.read('.tool-versions')) ?? '')?.[1]
  return [
    ...(own === undefined ? [] : [{ wanted: own, from: '.ruby-version' }]),
    ...(tools === undefined ? [] : [{ wanted: tools, from: '.tool-versions' }]),
  ]
}

/** The versions of the CI's set-up steps, the newest first. */
function ciWishes(jobs: readonly CiJob[]): readonly Wish[] {
  const wishes = jobs
    .filter(({ linux }) => linux)
    .flatMap(({ setups, from }) =>
      setups
        .filter(({ action }) => /(?:^|\/)setup-ruby/.test(action))
        .flatMap(({ inputs }) => inputs['ruby-version'] ?? [])
        .flatMap((value) => /^(?:ruby-)?(\d+\.\d+(?:\.\d+)?)$/.exec(value)?.[1] ?? [])
        .map((wanted) => ({ wanted, from })),
    )
  return wishes.toSorted((a, b) => Number.parseFloat(b.wanted) - Number.parseFloat(a.wanted))
}
