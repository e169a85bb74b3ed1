import { cargoRole, goRole, gradleRole, mavenRole } from './roles-compiled.ts'
import { pythonRole } from './roles-python.ts'
import { namedRole, type Role, type RoleOf, wordOf } from './roles-words.ts'
import { isPython } from './unwrap.ts'

/** Programs that do one thing, whatever stands behind them. */
const plain: Readonly<Record<Role, string>> = {
  test: `pytest py.test nose2 nosetests nose trial stestr testr ward green behave unittest doctest zope-testrunner pytest-xdist
    gotestsum ginkgo richgo gotest gotestfmt rspec minitest cucumber ctest jest vitest mocha ava tape jasmine karma playwright cypress
    phpunit pest bats shunit2 tox nox kaocha busted sbt-test bazel-test runtests rails-test stack-test parallel_rspec parallel_test`,
  lint: `ruff flake8 black isort mypy dmypy pyright basedpyright pylint pyflakes pycodestyle pydocstyle bandit pre-commit pre_commit prek codespell yamllint
    vulture interrogate check-manifest pyroma safety pip-audit doc8 rstcheck blacken-docs autoflake pyupgrade ty pytype pyre zizmor actionlint shellcheck shfmt
    hadolint typos reuse vermin darglint slotscheck deptry lint-imports validate-pyproject check-wheel-contents pyproject-fmt djlint curlylint cz commitizen
    towncrier gofmt goimports gofumpt golangci-lint staticcheck govulncheck golint revive errcheck misspell ineffassign gocyclo gosec nilaway gci
    rustfmt clippy-driver cargo-deny taplo eslint prettier biome stylelint xo standard markdownlint markdownlint-cli2 commitlint knip cspell
    rubocop standardrb standard brakeman reek steep sorbet srb ktlint detekt checkstyle licensee addlicense license-eye lychee semgrep codeql trivy sonar-scanner
    mdformat djhtml clang-format clang-tidy cppcheck buf-lint`,
  document:
    'sphinx-build sphinx-autobuild sphinx-apidoc mkdocs pdoc pdoc3 pydoc zensical rustdoc mdbook godoc javadoc yard rdoc jekyll typedoc jsdoc doxygen asciidoctor vale hugo',
  publish:
    'codecov coveralls codeclimate semantic-release goreleaser gh hub git-chglog auto-changelog standard-version release-please cargo-release dput netlify vercel gh-pages flyctl heroku aws gcloud az kubectl helm terraform deepsource qlty codacy-coverage-reporter goveralls python-semantic-release wrangler',
  measure:
    'gocov gocov-xml gocover-cobertura go-junit-report gcov gcovr lcov genhtml grcov kcov diff-cover diff-quality octocov genbadge llvm-cov llvm-profdata hyperfine benchstat asv pytest-benchmark',
  install:
    'apt apt-get aptitude brew yum dnf apk zypper pacman choco snap curl wget virtualenv venv ensurepip rustup sdk nvm fnm volta corepack gvm pyenv-install cargo-binstall easy_install conda-lock update-alternatives dpkg add-apt-repository micropipenv pip-sync tar unzip',
  build:
    'build cython cythonize meson ninja cmake gcc g++ cc clang c++ protoc tsc wasm-pack javac kotlinc maturin cibuildwheel auditwheel bazel-build rake-compile msgfmt autoreconf automake autoconf libtoolize ./configure configure ./autogen.sh swig f2py pyinstaller',
  clean: 'rm rmdir mkdir mv cp touch ln chmod chown rimraf rsync install find sed awk gzip zip',
  idle: 'echo printf exit true false test [ [[ sleep set which type whereis cat head tail ls pwd env printenv date uname whoami id df free nproc lscpu ulimit git gpg kill wait ps top locale tee grep sort cut tr wc jq yq sudo su docker docker-compose podman systemctl service psql mysql redis-cli createdb hash diff tree file stat xargs',
  other: '',
}

const roles: readonly Role[] = [
  'test',
  'lint',
  'document',
  'publish',
  'measure',
  'install',
  'build',
  'clean',
  'idle',
  'other',
]

const byProgram = new Map<string, Role>(
  roles.flatMap((role) => plain[role].split(/\s+/).map((name) => [name, role] as const)),
)

const bySubcommand: Readonly<Record<string, RoleOf>> = {
  go: goRole,
  cargo: cargoRole,
  cross: cargoRole,
  mvn: mavenRole,
  './mvnw': mavenRole,
  mvnw: mavenRole,
  gradle: gradleRole,
  './gradlew': gradleRole,
  gradlew: gradleRole,
  make: targets,
  gmake: targets,
  just: targets,
  task: targets,
  mage: targets,
  invoke: targets,
  inv: targets,
  ruby: rubyFile,
  thor: targets,
  bake: targets,
  rake: (words) => (words.length === 0 ? 'test' : targets(words)),
  ant: targets,
  sbt: targets,
  lein: targets,
  mix: targets,
  swift: targets,
  dotnet: targets,
  bazel: targets,
  bazelisk: targets,
  rails: targets,
  npm: packageScript,
  pnpm: packageScript,
  yarn: packageScript,
  bun: packageScript,
  deno: targets,
  bundle: (words) => (['exec'].includes(words[0] ?? '') ? roleOf(words.slice(1)) : 'install'),
  gem: (words) => (words[0] === 'push' ? 'publish' : words[0] === 'build' ? 'build' : 'install'),
  buf: (words) => (words[0] === 'generate' || words[0] === 'build' ? 'build' : 'lint'),
}

/** What a command is there for. Tests that are only compiled (`--no-run`), and benchmarks, are no tests. */
export function roleOf(words: readonly string[]): Role {
  const [program = '', ...rest] = words
  if (rest.length === 1 && /^(?:--version|-V|--help|version)$/.test(rest[0] ?? '')) return 'idle'
  const subcommand = Object.hasOwn(bySubcommand, program) ? bySubcommand[program] : undefined
  if (subcommand !== undefined) return subcommand(rest)
  const python = isPython(program) ? pythonRole(['python', ...rest]) : pythonRole(words)
  if (python !== null) return python
  const known = byProgram.get(program)
  if (known !== undefined) return known
  if (/(?:^|[-_/])(?:lint|fmt|format)(?:$|[-_.])/.test(program)) return 'lint'
  return program.includes('/') || /\.\w+$/.test(program)
    ? (namedRole(program.replace(/\.\w+$/, '')) ?? 'other')
    : 'other'
}

/** `make test`: a target or task that nobody saw through is what its name says. */
function targets(words: readonly string[]): Role {
  const names = words.filter((word) => !word.startsWith('-') && !word.includes('='))
  return names.map((name) => namedRole(name)).find((role) => role !== null) ?? 'other'
}

/** `ruby -Itest test/all.rb`. */
function rubyFile(words: readonly string[]): Role {
  const files = words.filter((word) => !word.startsWith('-'))
  if (words.includes('-e') || files.length === 0) return 'idle'
  return files.some((file) => /(?:^|\/)(?:tests?|specs?)\/|_(?:test|spec)\.rb$/.test(file)) ? 'test' : 'other'
}

function packageScript(words: readonly string[]): Role {
  const verb = wordOf(words, 0)
  if (['test', 't', 'tst'].includes(verb)) return 'test'
  if (['', 'ci', 'install', 'i', 'add', 'dlx', 'link'].includes(verb)) return 'install'
  if (verb === 'publish') return 'publish'
  const name = ['run', 'run-script', 'exec', 'x'].includes(verb) ? wordOf(words, 1) : verb
  return namedRole(name) ?? byProgram.get(name) ?? 'other'
}
