import type { CiSetup } from './types.ts'

/** The set-up actions that bring a language, by the language's names: each ecosystem reads one vocabulary, whoever said it. */
const actions: readonly (readonly [names: RegExp, action: string, input: string])[] = [
  [/^(?:python|python3|pypy)$/, 'actions/setup-python', 'python-version'],
  [/^(?:go|golang)$/, 'actions/setup-go', 'go-version'],
  [/^rust$/, 'dtolnay/rust-toolchain', 'toolchain'],
  [/^(?:node|nodejs|node_js|javascript-node|typescript-node)$/, 'actions/setup-node', 'node-version'],
  [
    /^(?:java|jdk|openjdk|eclipse-temurin|temurin|amazoncorretto|zulu-openjdk|liberica-openjdk-.*|ibm-semeru-runtimes|sapmachine)$/,
    'actions/setup-java',
    'java-version',
  ],
  [/^ruby$/, 'ruby/setup-ruby', 'ruby-version'],
]

/** What brings these versions of a language, in the words of the workflows; empty where the name is no language's. */
export function setupFor(language: string, versions: readonly string[]): readonly CiSetup[] {
  const found = actions.find(([names]) => names.test(language))
  return found === undefined || versions.length === 0
    ? []
    : [{ action: found[1], ref: null, inputs: { [found[2]]: versions } }]
}

/** `python:3.12-slim`, `x/devcontainers/go:1-1.22`, `maven:3.9-eclipse-temurin-17`: the language and version that an image is made for. */
export function setupsOfImage(image: string): readonly CiSetup[] {
  const [path = '', tag = ''] = image.replace(/@.*$/, '').split(/:(?=[^/]*$)/)
  const name = path.split('/').at(-1) ?? ''
  const java = /(?:jdk|temurin|openjdk|corretto|zulu|liberica|semeru)-?(\d+)/.exec(tag)?.[1]
  if (java !== undefined && /^(?:maven|gradle|sbt|java)$/.test(name)) return setupFor('java', [java])
  // Images for editors have their own version first: `1-3.12-bookworm`.
  const versions =
    /^(?:dev-)?(?:\d+(?:\.\d+)*-)?(\d+(?:\.\d+)*)(?:$|-)/.exec(tag)?.[1] ?? /^v?(\d+(?:\.\d+)*)/.exec(tag)?.[1]
  return versions === undefined ? [] : setupFor(name, [versions])
}
