import semver from 'semver'
import type { Command } from '../../model/index.ts'
import type { LockedModule } from './locked.ts'
import { goFolder, goPath, installedFolder } from './places.ts'
import { goSemver } from './versions.ts'

/**
 * Downloads what the module's packages and their tests need, and compiles of it what is none of the repository's own: the
 * standard library, and modules out of the cache that use nothing of the repository. `$1`: where the go.mod that came of it is kept. `$2`:
 * `all`, or `some` where packages may be broken. The others: flags of the build.
 *
 * Listing tests writes a main function for each package's into the cache, with the names of all of them: that goes to a cache that is thrown away.
 *
 * What does not compile here is no failed install: it may be for another system, and the tests will say so.
 */
const installModule = `
set -e
kept=$1 how=$2
shift 2
lenient=
if [ "$how" = some ]; then lenient=-e; fi
aside=$(mktemp -d)
list=$aside/list
GOCACHE=$aside go list $lenient -deps -test "$@" ./... >/dev/null
GOCACHE=$aside go list -e -deps -test -f '{{.ImportPath}}|{{.ForTest}}|{{.Dir}}|{{.Name}}|{{join .Imports " "}}' "$@" ./... >"$list" 2>/dev/null || true
awk -F'|' -v cache=${goPath}/ '
  {
    own = index($3, "/testbed/") == 1 && index($3, cache) != 1
    count = split($5, imports, " ")
    for (i = 1; i <= count; i++) if (imports[i] in tainted) own = 1
    if (own || $2 != "" || $3 == "" || $1 ~ / /) { tainted[$1] = 1; next }
    if ($1 != "unsafe" && $4 != "main") print $1
  }' "$list" >"$list.others"
xargs -n 500 go build "$@" <"$list.others" || echo "some dependencies did not compile"
mkdir -p "$kept"
cp go.mod "$kept/"
if [ -f go.sum ]; then cp go.sum "$kept/"; fi
rm -rf "$aside"
`

/**
 * Makes the go.mod of a repository from before modules; what it lacks is found as the packages are listed. `$1`: its path, `$2`: its language's line; the others
 * are modules with their commits, `path@commit`: those that the proxy knows are asked for, since one that it does not would end all that `go` does.
 */
const makeModule = `
set -e
printf 'module %s\\n\\ngo %s\\n' "$1" "$2" >go.mod
shift 2
requires=
for locked; do
  if go list -m "$locked" >/dev/null 2>&1; then requires="$requires
require \${locked%@*} \${locked##*@}"; else echo "not to be had: $locked" >&2; fi
done
printf '%s\\n' "$requires" >>go.mod
`

/** What is in a module cache and no build reads again. */
const tidyCache = `
chmod -R u+w ${goPath}
find ${goPath}/pkg/mod/cache -name '*.zip' -delete -o -name '*.lock' -delete 2>/dev/null || true
rm -rf ${goPath}/pkg/mod/cache/vcs ${goPath}/pkg/mod/cache/download/sumdb ${goPath}/cache/trim.txt ${goPath}/cache/testexpire.txt ${goPath}/cache/fuzz
`

export interface InstallRequest {
  readonly directories: readonly string[]
  /** Flags of the tests that decide what is built: `-tags=…`. */
  readonly flags: readonly string[]
  readonly gateway: string
  /** Packages may be broken. */
  readonly lenient: boolean
  /** Of the go.mod of a repository that has none; null: it has one. */
  readonly makes: MadeModule | null
}

export interface MadeModule {
  readonly path: string
  /** Of the language: `1.13`. */
  readonly line: string
  readonly locked: readonly LockedModule[]
}

/** The commands that fill the layer; the gateway is the only proxy, and no checksum database is asked: go.sum says what is right. */
export function installCommands({ directories, flags, gateway, lenient, makes }: InstallRequest): readonly Command[] {
  const variables = { GOPROXY: `${gateway}/~go` }
  const how = lenient ? 'some' : 'all'
  return [
    ...(makes === null ? [] : [{ argv: making(makes), directory: '.', variables }]),
    ...directories.map((directory) => ({
      argv: ['/bin/sh', '-c', installModule, 'install-module', installedFolder(directory), how, ...flags],
      directory,
      variables,
    })),
    { argv: ['/bin/sh', '-c', tidyCache], directory: '.', variables },
  ]
}

function making({ path, line, locked }: MadeModule): readonly string[] {
  const commits = locked.map(({ path: other, revision }) => `${other}@${revision}`)
  return ['/bin/sh', '-c', makeModule, 'make-module', path, line, ...commits]
}

/**
 * Compiles the base tree's packages and their tests, without linking them, into the cache: a run then compiles what its patches touch, as
 * the cache goes by content. The note of the last trim comes first, since every file of the layer is old.
 */
const compileAll = `
date +%s >${goPath}/cache/trim.txt
go list -e -export -test -f '{{.ImportPath}}' "$@" ./... >/dev/null
`

/** The go.mod that the install made, put into every state of a repository that has none. */
export function putModule(): Command {
  const installed = `${installedFolder('.')}`
  const script = '[ -f go.mod ] || cp "$1/go.mod" "$1/go.sum" . 2>/dev/null || cp "$1/go.mod" .'
  return { argv: ['/bin/sh', '-c', script, 'put-module', installed], directory: '.', variables: {} }
}

/** Run once for a base tree, ahead of its runs. */
export function prebuildCommands(directories: readonly string[], flags: readonly string[]): readonly Command[] {
  return directories.map((directory) => ({
    argv: ['/bin/sh', '-c', compileAll, 'compile-all', ...flags],
    directory,
    variables: {},
  }))
}

/** Of every command of an environment: caches in the layer, nothing fetched, and no other toolchain than the one that is there. */
export function goVariables(version: string, mod: 'mod' | null): Readonly<Record<string, string>> {
  const isFrom = (first: string) => semver.gte(goSemver(version) ?? '0.0.0', first)
  const flags = [
    ...(isFrom('1.14.0') ? ['-modcacherw'] : []),
    ...(isFrom('1.18.0') ? ['-buildvcs=false'] : []),
    // Before 1.14 there is no such word: go.mod is brought up to date anyway.
    ...(mod === null || !isFrom('1.14.0') ? [] : [`-mod=${mod}`]),
  ]
  return {
    PATH: `/env/go/bin:/usr/local/bin:/usr/bin:/bin`,
    CI: 'true',
    GOPATH: goPath,
    GOMODCACHE: `${goPath}/pkg/mod`,
    GOCACHE: `${goPath}/cache`,
    GOFLAGS: flags.join(' '),
    GOPROXY: 'off',
    GOSUMDB: 'off',
    GONOSUMDB: '*',
    GONOSUMCHECK: '1',
    GOTOOLCHAIN: 'local',
    GO111MODULE: 'on',
  }
}

/** What of the layer's folder an install keeps. */
export const layerGlobs: readonly string[] = [`${goFolder}/**`]
