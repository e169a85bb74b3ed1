import { expect, test } from 'vitest'
import { seeThrough } from '../../src/ci/see-through.ts'
import type { SeenCommand } from '../../src/ci/types.ts'
import { memoryTree } from '../memory-tree.ts'

const see = async (
  text: string,
  files: Readonly<Record<string, unknown>> = {},
  variables: Readonly<Record<string, string>> = {},
): Promise<readonly SeenCommand[]> => await seeThrough(memoryTree(files), { text, directory: '.', variables }, 'ci')
const lines = (commands: readonly SeenCommand[]): readonly string[] =>
  commands.map(({ words, directory }) => (directory === '.' ? '' : `[${directory}] `) + words.join(' '))

test('takes wrappers off, and keeps those that say where a program comes from', async () => {
  const wrapped = async (text: string) =>
    (await see(text)).map(({ words, wrappers }) => [words.join(' '), wrappers.map((each) => each.join(' '))])
  expect(await wrapped('sudo -E env A=1 xvfb-run -a timeout 60 uv run --extra test python -m pytest -x')).toEqual([
    ['pytest -x', ['uv run --extra=test', 'python -m']],
  ])
  expect(await wrapped('coverage run --source=lib setup.py test; coverage run -m unittest; coverage report')).toEqual([
    ['python setup.py test', ['coverage run --source=lib']],
    ['unittest', ['coverage run -m']],
    ['coverage report', []],
  ])
  expect(
    await wrapped(
      'python3.9 -W error -bb -mpytest && python -Im coverage run -m x && .venv/bin/pytest && /usr/bin/env python manage.py test',
    ),
  ).toEqual([
    ['pytest', ['python3.9 -W error -bb -m']],
    ['x', ['python -Im', 'coverage run -m']],
    ['pytest', []],
    ['python manage.py test', []],
  ])
  expect(
    await wrapped('bundle exec rake test; poetry install; poetry run pytest; rustup run nightly cargo test'),
  ).toEqual([
    ['rake test', ['bundle exec']],
    ['poetry install', []],
    ['pytest', ['poetry run']],
    ['cargo test', ['rustup run nightly']],
  ])
})

test('follows directories, subshells and variables, and leaves out what follows a failure', async () => {
  const found = await see(
    `set -e
export FEATURES="a b" EXTRA=$(date)
(cd sub && go test ./...)
pushd web; npm test; popd
cargo test --features "$FEATURES" $EXTRA || exit 1
cargo test \${FLAGS:---all} $ARGS
RUST_LOG=x cargo build 2>&1 | tee log`,
    {},
    { ARGS: '-p one -p two' },
  )
  expect(lines(found)).toEqual([
    '[sub] go test ./...',
    '[web] npm test',
    'cargo test --features a b $EXTRA',
    'cargo test --all -p one -p two',
    'cargo build',
    'tee log',
  ])
  expect(found.map(({ shell }) => shell)).toEqual([false, false, true, false, true, true])
  expect(found[4]).toMatchObject({
    assignments: { RUST_LOG: 'x' },
    variables: { FEATURES: 'a b', ARGS: '-p one -p two', RUST_LOG: 'x' },
  })
})

test('make: prerequisites, variables, conditions, includes, other directories', async () => {
  const found = await see('make -C lib test ARGS=-v', {
    'lib/Makefile': `
include common.mk
PYTEST ?= python -m pytest
FLAGS := $(ARGS) -q
ifeq ($(OS),Windows_NT)
RUN = run.exe
else
RUN = ./run
endif
export LEVEL = 2
.PHONY: test
test: export MODE := fast
test: build lint  ## runs all
\t@$(PYTEST) $(FLAGS) \\
\t  tests
\t-$(RUN) $@ $(shell pwd) $$HOME
\t$(MAKE) deep
build:
\tgcc -o x x.c
deep:
\techo deep
`,
    'lib/common.mk': 'lint:\n\truff check .\n',
  })
  expect(found.map(({ words, from, directory }) => [words.join(' '), from, directory])).toEqual([
    ['gcc -o x x.c', 'ci › lib/Makefile build', 'lib'],
    ['ruff check .', 'ci › lib/Makefile lint', 'lib'],
    ['pytest -v -q tests', 'ci › lib/Makefile test', 'lib'],
    ['./run test $(pwd) $HOME', 'ci › lib/Makefile test', 'lib'],
    ['echo deep', 'ci › lib/Makefile test › lib/Makefile deep', 'lib'],
  ])
  expect(found[2]?.variables).toEqual({ ARGS: '-v', LEVEL: '2', MODE: 'fast' })
  expect(found.map(({ shell }) => shell)).toEqual([false, false, false, true, false])
})

test('scripts of the repository: arguments, functions, here-documents; other programs stay as they are', async () => {
  const found = await see(
    './ci/test.sh unit "a b"; bash -ec "echo $X; make"; ./gradlew test; ./missing.sh; tools/run',
    {
      'ci/test.sh': `#!/bin/bash
run() {
  go test "$@"
}
cat <<'EOF' > notes
rm -rf everything
EOF
case "$1" in
  unit) run -run "$2" ;;
esac
cd ci; source env.sh`,
      'ci/env.sh': 'echo sourced',
      'tools/run': '#!/usr/bin/env python3\nprint(1)',
      gradlew: '#!/bin/sh\nexec java',
    },
  )
  expect(lines(found)).toEqual([
    'cat',
    'go test -run a b',
    '[ci] echo sourced',
    'echo $X',
    'make',
    './gradlew test',
    './missing.sh',
    'python tools/run',
  ])
  expect(found[1]?.from).toBe('ci › ci/test.sh › run()')
})

test('what calls itself, or everything, ends', async () => {
  const targets = Array.from({ length: 30 }, (_, index) => `t${index}`)
  const files = {
    Makefile: targets
      .map((name) => `${name}: ${targets.join(' ')}\n\t$(MAKE) ${targets.join(' ')}\n\techo ${name}`)
      .join('\n'),
    'a.sh': './b.sh; ./b.sh; ./c.sh',
    'b.sh': './a.sh; ./c.sh; ./c.sh',
    'c.sh': 'f() { f; f; g; }\ng() { f; g; }\nf; ./a.sh; ./b.sh',
    'x.sh': `${'('.repeat(5000)}${'$('.repeat(5000)}`,
    'y.sh': '\0binary',
    'z.sh': `${'A=$A$A$A$A\n'.repeat(50)}`,
  }
  const found = await see('make; ./a.sh; ./x.sh; bash y.sh; ./z.sh; echo end', files)
  expect(found.at(-1)?.words).toEqual(['echo', 'end'])
  expect(found.length).toBeLessThanOrEqual(3000)
})
