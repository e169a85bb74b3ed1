/** Flags of `go test` and `go build` that take the next argument as their value where no `=` follows. */
const valued = new Set(
  (
    'args asmflags bench benchtime blockprofile blockprofilerate buildmode buildvcs compiler count covermode coverpkg coverprofile cpu ' +
    'cpuprofile exec fuzz fuzzminimizetime fuzztime gccgoflags gcflags installsuffix ldflags list memprofile memprofilerate mod ' +
    'modfile mutexprofile mutexprofilefraction o outputdir overlay p parallel pgo pkgdir run shuffle skip tags timeout toolexec trace vet'
  ).split(' '),
)

/** What decides which tests there are and how they are built; the rest measures, prints, stops early or is ours to say. */
const kept = new Set(
  'asmflags buildmode gcflags installsuffix ldflags mod modfile overlay parallel run short skip tags vet'.split(' '),
)

interface GoArguments {
  /** Each written `-name=value` or `-name`. */
  readonly flags: readonly string[]
  readonly packages: readonly string[]
  /** What the test binaries get. */
  readonly rest: readonly string[]
}

/** What stands behind `go test`, in any of the spellings that it takes. */
export function goArguments(given: readonly string[]): GoArguments {
  const flags: string[] = []
  const packages: string[] = []
  for (let at = 0; at < given.length; at += 1) {
    const word = given[at] ?? ''
    if (!word.startsWith('-') || word === '-') {
      packages.push(word)
      continue
    }
    const [, name = '', , value] = /^--?(?:test\.)?([^=]*)(=(.*))?$/s.exec(word) ?? []
    if (name === 'args') return { flags, packages, rest: given.slice(at + 1) }
    const next = value === undefined && valued.has(name) ? given[at + 1] : undefined
    if (next !== undefined) at += 1
    const held = value ?? next
    if (kept.has(name)) flags.push(held === undefined ? `-${name}` : `-${name}=${held}`)
  }
  return { flags, packages, rest: [] }
}
