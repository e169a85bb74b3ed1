import { expect, test } from 'vitest'
import { isPlain } from '../../src/ci/plain.ts'
import { readCi } from '../../src/ci/read-ci.ts'
import { roleOf } from '../../src/ci/roles.ts'
import { seeThrough } from '../../src/ci/see-through.ts'
import { testJobs } from '../../src/ci/test-jobs.ts'
import { memoryTree } from '../memory-tree.ts'

const expected: Readonly<Record<string, readonly string[]>> = {
  test: [
    'pytest -x tests',
    'unittest discover',
    'python setup.py test',
    'python manage.py test app',
    'python tests/runtests.py',
    'coverage run',
    'go test -race ./...',
    'gotestsum --format short',
    'go run gotest.tools/gotestsum@latest -- ./...',
    'cargo test --all-features',
    'cargo +nightly hack --feature-powerset test',
    'cargo nextest run',
    'cross test --target x',
    'mvn -B verify --file pom.xml',
    './mvnw clean install',
    './gradlew :core:check --stacktrace',
    'gradle build',
    'rake',
    'rspec',
    'ruby -w -Itest test/all.rb',
    'thor spec',
    'make check',
    'make test-unit',
    'npm test',
    'yarn run test:unit',
    'ci/run_tests.sh',
    'tox',
  ],
  lint: [
    'ruff check .',
    'python setup.py check',
    'pre-commit run',
    'twine check dist/x',
    'uv format',
    'go vet ./...',
    'go mod verify',
    'golangci-lint run',
    'cargo fmt --all -- --check',
    'cargo clippy --tests',
    'cargo hack clippy',
    'mvn checkstyle:check',
    './gradlew spotlessCheck',
    'rubocop',
    'npm run lint',
    'make lint',
  ],
  build: [
    'build',
    'python setup.py build_ext --inplace',
    'poetry build',
    'maturin build',
    'go build ./...',
    'cargo build --tests',
    'cargo test --no-run',
    'cargo hack check --each-feature',
    'mvn package -DskipTests',
    './gradlew build -x test',
    'make all',
  ],
  install: [
    'pip install -e .[test]',
    'uv sync',
    'poetry install',
    'python setup.py develop',
    'go mod download',
    'cargo install x',
    'mvn install -DskipTests=true',
    'mvn dependency:go-offline',
    'apt-get install x',
    'bundle install',
    'gem install x',
    'npm ci',
  ],
  document: [
    'sphinx-build docs out',
    'mkdocs build',
    'cargo doc --no-deps',
    'mvn javadoc:javadoc',
    './gradlew dokkaHtml',
  ],
  publish: [
    'twine upload dist/x',
    'poetry publish',
    'cargo publish',
    'mvn deploy',
    './gradlew publishToMavenLocal',
    'gem push',
    'gh release create',
  ],
  measure: [
    'coverage report',
    'lcov x',
    'go tool cover -func=c',
    'go test -run=^$ -bench=. ./...',
    'cargo bench',
    'cargo llvm-cov report',
  ],
  clean: ['rm -rf x', 'mvn clean'],
  idle: [
    'echo test',
    'python -c x',
    'go version',
    'tox --version',
    'ruby -e x',
    'python --version',
    'git config a b',
    './gradlew --version',
  ],
}

for (const [role, commands] of Object.entries(expected)) {
  test(`tells what is there to ${role}`, () => {
    expect(commands.map((line) => [line, roleOf(line.split(' '))])).toEqual(commands.map((line) => [line, role]))
  })
}

test('plain is what needs no shell', async () => {
  const text = `pytest -k 'a*' "x y"; pytest tests/*.py; a | b; a > b; a $X; a $(b); pip install -e .[test] \${{ matrix.x }}; echo {a,b}; cd ~/x; ls ~/x`
  const commands = await seeThrough(memoryTree({}), { text, directory: '.', variables: {} }, 'ci')
  expect(commands.map(isPlain)).toEqual([true, false, false, false, false, false, false, false, false, false])
  const [plain] = await seeThrough(
    memoryTree({}),
    { text: 'pip install -e .[test]', directory: '.', variables: {} },
    'ci',
  )
  expect(plain === undefined ? null : isPlain(plain)).toBe(true)
})

test('jobs that test: the one nearest to the default on Linux first', async () => {
  const jobs = await readCi(
    memoryTree({
      '.github/workflows/ci.yml': `
on: [push]
jobs:
  lint: { steps: [{ run: ruff check }] }
  windows: { runs-on: windows-latest, steps: [{ run: pytest }] }
  database: { services: { db: { image: postgres } }, steps: [{ run: pytest }] }
  minimal-versions: { steps: [{ run: pytest }] }
  alpine: { container: alpine, steps: [{ run: pytest }] }
  one: { steps: [{ run: pytest one }] }
  unit:
    strategy: { matrix: { v: ['3.11', '3.12'] } }
    steps: [{ uses: actions/setup-python@v5, with: { python-version: "\${{ matrix.v }}" } }, { run: pip install x }, { run: pytest }]`,
      '.github/workflows/nightly.yml': `on: { schedule: [{ cron: x }] }\njobs: { night: { steps: [{ run: pytest }] } }`,
    }),
  )
  const found = await testJobs(memoryTree({}), jobs, ({ words }) => roleOf(words) === 'test')
  expect(found.map(({ job }) => job.from.split(' ').at(-1))).toEqual([
    'unit',
    'one',
    'database',
    'minimal-versions',
    'alpine',
    'night',
  ])
  expect(found[0]?.commands.map(({ words }) => words.join(' '))).toEqual(['pip install x', 'pytest'])
  expect(found[2]?.job.services).toEqual(['postgres'])
})
