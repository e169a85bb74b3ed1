import type { Command } from '../../model/index.ts'
import { environmentFolder } from '../places.ts'
import type { StandIns } from './stand-ins.ts'

export const cargoFolder = `${environmentFolder}/cargo`
export const targetFolder = `${environmentFolder}/target`
export const lockFolder = `${environmentFolder}/lock`
/** Empty crates for those that only a git host has. */
export const standInsFolder = `${cargoFolder}/stand-ins`

/** Cargo's own folder is in the layer; what is asked of the registry is asked of the gateway. */
export function cargoConfiguration(gateway: string): string {
  return `# Written by Quarry: crates come from the package gateway, and are there without it afterwards.
[source.crates-io]
replace-with = "quarry"
[source.quarry]
registry = "sparse+${gateway}/~crates/"
`
}

/**
 * Compiles what the tests need, less what is the repository's own: that fails at once, by a wrapper that cargo puts before the compiler for members
 * of a workspace alone, and nothing else may fail. With $1 `newer`, a dependency that this compiler does not take is exchanged for the newest that the manifests
 * allow, one by one. At last the lockfile is put aside for the runs. $2: the names of the repository's packages, between blanks.
 */
const prepare = `
way=$1 own=$2
shift 2
mkdir -p "$CARGO_HOME" && printf '%s' "$QUARRY_CARGO_CONFIG" >"$CARGO_HOME/config.toml" || exit 1
printf '%s' "$QUARRY_STAND_INS" | while read -r name version features; do
  folder=/testbed/${standInsFolder}/$name
  mkdir -p "$folder/src" && : >"$folder/src/lib.rs" && printf '{"files":{}}' >"$folder/.cargo-checksum.json" || exit 1
  printf '[package]\\nname = "%s"\\nversion = "%s"\\n[features]\\n' "$name" "$version" >"$folder/Cargo.toml"
  for feature in $features; do printf '"%s" = []\\n' "$feature" >>"$folder/Cargo.toml"; done
done
log=$(mktemp)
only=$(mktemp)
cat >"$only" <<'WRAPPER'
#!/bin/sh
case " $* " in *" --crate-name ___ "*) exec "$@" ;; *" --crate-name "*) exit 1 ;; *) exec "$@" ;; esac
WRAPPER
chmod +x "$only"
tries=0
while :; do
  RUSTC_WORKSPACE_WRAPPER=$only cargo build --keep-going --tests "$@" 2>"$log"
  status=$?
  cat "$log" >&2
  [ "$status" -eq 0 ] && break
  broken=$(sed -n 's/^error: could not compile \`\\([^\`]*\\)\`.*/\\1/p; s/^error: failed to run custom build command for \`\\([^ \`]*\\) .*/\\1/p' "$log" | sort -u)
  [ -n "$broken" ] || exit "$status"
  foreign=
  for name in $broken; do
    case "$own" in *" $name "*) ;; *) foreign="$foreign $name" ;; esac
  done
  [ -z "$foreign" ] && break
  tries=$((tries + 1))
  if [ "$way" != newer ] || [ "$tries" -gt 8 ]; then exit "$status"; fi
  before=$(cat Cargo.lock)
  for name in $foreign; do
    echo "exchanging $name for a newer one" >&2
    cargo update "$name" || for each in $(cargo pkgid "$name" 2>/dev/null); do cargo update "$each"; done
  done
  [ "$before" = "$(cat Cargo.lock)" ] && exit "$status"
done
mkdir -p /testbed/${lockFolder} && cp "$(dirname "$(cargo locate-project --workspace --message-format plain)")/Cargo.lock" /testbed/${lockFolder}/Cargo.lock
`

const ahead = `
lock=/testbed/${lockFolder}/Cargo.lock
cp "$lock" "$(dirname "$(cargo locate-project --workspace --message-format plain)")/Cargo.lock"
exec cargo build --keep-going --tests --offline "$@"
`

/** Builds the tests of a tree without running them, on the lockfile that all its states have. */
export function prebuildCommands(directory: string, flags: readonly string[]): readonly Command[] {
  return [{ argv: ['sh', '-c', ahead, 'ahead', ...flags], directory, variables: {} }]
}

export interface InstallRequest {
  readonly directory: string
  readonly gateway: string
  /** The repository's own packages. */
  readonly own: readonly string[]
  /** The flags that the tests are built with. */
  readonly flags: readonly string[]
  readonly way: 'locked' | 'free' | 'newer'
  readonly standIns: Pick<StandIns, 'configuration' | 'crates'> | null
}

export function installCommands({ directory, gateway, own, flags, way, standIns }: InstallRequest): readonly Command[] {
  return [
    {
      argv: [
        'sh',
        '-c',
        prepare,
        'prepare',
        way,
        ` ${own.join(' ')} `,
        ...(way === 'locked' ? ['--locked'] : []),
        ...flags,
      ],
      directory,
      variables: {
        QUARRY_CARGO_CONFIG: cargoConfiguration(gateway) + (standIns?.configuration ?? ''),
        ...(standIns === null ? {} : { QUARRY_STAND_INS: standIns.crates }),
        CARGO_NET_OFFLINE: 'false',
      },
    },
  ]
}
