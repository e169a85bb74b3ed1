import { XMLParser, XMLValidator } from 'fast-xml-parser'

export interface Repository {
  readonly id: string
  /** Ends in `/`. */
  readonly url: string
}

/** What settings.xml says of where artifacts come from. */
export interface Settings {
  readonly mirrors: readonly { readonly url: string; mirrors(id: string): boolean }[]
  /** Those of active profiles. */
  readonly repositories: readonly Repository[]
  /** The address of the active HTTP proxy. */
  readonly proxy: string | null
}

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, trimValues: true, processEntities: true })

type Xml = Readonly<Record<string, unknown>>

/** Null for what is no XML. */
export function readSettings(text: string): Settings | null {
  if (XMLValidator.validate(text) !== true) return null
  const parsed: unknown = parser.parse(text)
  const root = at(parsed, 'settings')
  const active = new Set(texts(at(at(root, 'activeProfiles'), 'activeProfile')))
  const profiles = list(at(at(root, 'profiles'), 'profile')).filter(
    (profile) =>
      active.has(textOf(at(profile, 'id'))) || textOf(at(at(profile, 'activation'), 'activeByDefault')) === 'true',
  )
  return {
    mirrors: list(at(at(root, 'mirrors'), 'mirror')).flatMap((mirror) => {
      const url = address(textOf(at(mirror, 'url')))
      const wanted = textOf(at(mirror, 'mirrorOf'))
      // Maven's own way to forbid repositories without encryption.
      if (url === null || textOf(at(mirror, 'blocked')) === 'true') return []
      return [{ url, mirrors: (id: string) => isMirrored(wanted, id) }]
    }),
    repositories: profiles.flatMap((profile) => repositoriesIn(profile)),
    proxy: proxyOf(root),
  }
}

/** The repositories that a project model names, each once. */
export function repositoriesOf(model: string): readonly Repository[] {
  const parsed: unknown = parser.parse(model)
  return repositoriesIn(at(parsed, 'project'))
}

function repositoriesIn(owner: unknown): readonly Repository[] {
  const found = [
    ...list(at(at(owner, 'repositories'), 'repository')),
    ...list(at(at(owner, 'pluginRepositories'), 'pluginRepository')),
  ].flatMap((repository) => {
    const url = address(textOf(at(repository, 'url')))
    return url === null ? [] : [{ id: textOf(at(repository, 'id')), url }]
  })
  return [...new Map(found.map((each) => [`${each.id} ${each.url}`, each])).values()]
}

/** `*`, `central`, `a,b`, `*,!a`, `external:*` (Maven's guide to mirror settings). */
function isMirrored(wanted: string, id: string): boolean {
  const words = wanted.split(',').map((word) => word.trim())
  if (words.includes(`!${id}`)) return false
  return words.some((word) => word === id || word === '*' || word === 'external:*')
}

function proxyOf(root: unknown): string | null {
  for (const proxy of list(at(at(root, 'proxies'), 'proxy'))) {
    const host = textOf(at(proxy, 'host'))
    if (host === '' || textOf(at(proxy, 'active')) === 'false') continue
    return `http://${host}:${textOf(at(proxy, 'port')) || '8080'}`
  }
  return null
}

function address(url: string): string | null {
  if (!/^https?:/.test(url) || !URL.canParse(url)) return null
  return url.endsWith('/') ? url : `${url}/`
}

function isXml(value: unknown): value is Xml {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function at(value: unknown, name: string): unknown {
  return isXml(value) ? value[name] : undefined
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === '') return []
  return Array.isArray(value) ? value : [value]
}

function texts(value: unknown): readonly string[] {
  return list(value).map(textOf)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
