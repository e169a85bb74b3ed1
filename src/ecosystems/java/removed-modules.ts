import type { TreeReader } from '../../model/index.ts'

/** Of what Java lost with release 11: how sources speak of it, and the artifacts that JEP 320 names in its stead. */
interface Removed {
  readonly spoken: RegExp
  readonly artifacts: readonly string[]
  /** Artifacts that bring the same: where a model names one, nothing needs to stand in. */
  readonly brought: RegExp
}

const removed: readonly Removed[] = [
  {
    spoken:
      /\bjavax\.annotation\.(?:Generated|PostConstruct|PreDestroy|Resources?|ManagedBean|Priority|security|sql|\*)/,
    artifacts: ['javax.annotation:javax.annotation-api:1.3.2'],
    brought: />(?:javax|jakarta)\.annotation-api<|>jsr250-api<|annotations?_1\.\d_spec|>tomcat-annotations-api</,
  },
  {
    spoken: /\bjavax\.xml\.bind\b/,
    artifacts: ['javax.xml.bind:jaxb-api:2.3.1', 'org.glassfish.jaxb:jaxb-runtime:2.3.1'],
    brought: />(?:jaxb-api|jakarta\.xml\.bind-api)<|jaxb-api_2\.\d_spec/,
  },
  {
    spoken: /\bjavax\.activation\b/,
    artifacts: ['com.sun.activation:javax.activation:1.2.0'],
    brought: />(?:javax\.activation(?:-api)?|(?:com\.sun\.activation|jakarta)\.activation(?:-api)?|activation)</,
  },
  {
    spoken: /\bjavax\.xml\.(?:ws|soap)\b/,
    artifacts: ['javax.xml.ws:jaxws-api:2.3.1'],
    brought: />(?:jaxws-api|jakarta\.xml\.ws-api)<|jaxws_2\.\d_spec/,
  },
  {
    spoken: /\bjavax\.jws\b/,
    artifacts: ['javax.jws:javax.jws-api:1.1'],
    brought: />(?:javax\.jws-api|jsr181-api|jakarta\.jws-api)</,
  },
  {
    spoken: /\bjavax\.transaction\b/,
    artifacts: ['javax.transaction:javax.transaction-api:1.3'],
    brought: />(?:javax\.transaction-api|jta|jakarta\.transaction-api)<|jta_1\.\d_spec/,
  },
]

/** Artifacts that bring all of it at once. */
const everything = />(?:javaee-(?:web-)?api|jakartaee-api|jakarta\.jakartaee-api)</

/**
 * The artifacts that stand in for what Java lost, where sources of the tree speak of it and no model brings it: `group:artifact:version`, sorted.
 * Decided once for the after-state, and the same for every state and whoever installs it again: a layer's key knows no sources.
 */
export async function standIns(tree: TreeReader): Promise<readonly string[]> {
  const models = (await textsOf(tree, /(?:^|\/)pom\.xml$/)).join('\n')
  if (everything.test(models)) return []
  const asked = removed.filter(({ brought }) => !brought.test(models))
  const found = new Set<string>()
  for (const path of tree.paths) {
    if (!/\.(?:java|kt|groovy|scala)$/.test(path)) continue
    const text = (await tree.read(path)) ?? ''
    for (const { spoken, artifacts } of asked) if (spoken.test(text)) for (const each of artifacts) found.add(each)
  }
  return [...found].sort()
}

async function textsOf(tree: TreeReader, named: RegExp): Promise<readonly string[]> {
  const texts: string[] = []
  for (const path of tree.paths) if (named.test(path)) texts.push((await tree.read(path)) ?? '')
  return texts
}
