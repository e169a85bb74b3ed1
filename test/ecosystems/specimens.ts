/** What the contract test needs to know of one ecosystem. Paths below are relative to a repository's root. */
export interface Specimen {
  readonly ecosystem: string
  /** The smallest project with a test, without dependencies. */
  readonly files: Readonly<Record<string, string>>
  readonly changed: readonly string[]
  readonly tests: readonly string[]
  /** What the machine has. */
  readonly versions: Readonly<Record<string, string>>
  readonly manifests: readonly string[]
  /** Edits of a manifest that an install does not notice (a release, where that is promised). */
  readonly idleEdits: readonly (readonly [path: string, from: string, to: string])[]
  readonly tellingEdits: readonly (readonly [path: string, from: string, to: string])[]
  /** Files of dependencies that a layer holds. */
  readonly kept: readonly string[]
  /** What is made of the repository's own sources. */
  readonly derived: readonly string[]
  /** Manifests that nobody can read. */
  readonly broken: readonly Readonly<Record<string, string>>[]
  readonly logs: readonly (readonly [log: string, reason: string, detail: RegExp])[]
}

const node: Specimen = {
  ecosystem: 'node',
  files: {
    'package.json':
      '{ "name": "sample", "version": "1.0.0", "scripts": { "test": "mocha" }, "devDependencies": { "mocha": "^10.0.0" } }',
    'index.js': 'module.exports = 1\n',
    'test/index.test.js': "it('is', () => {})\n",
  },
  changed: ['index.js'],
  tests: ['test/index.test.js'],
  versions: { node: '22.12.0', npm: '10.9.0' },
  manifests: ['package.json'],
  idleEdits: [['package.json', '1.0.0"', '1.0.1"']],
  tellingEdits: [['package.json', '^10.0.0', '^9.0.0']],
  kept: ['node_modules/mocha/index.js', 'packages/a/node_modules/b/c.js'],
  derived: ['dist/index.js', 'index.d.ts', 'coverage/lcov.info'],
  broken: [
    { 'package.json': '{' },
    { 'package.json': '[]' },
    { 'package.json': '{"scripts":3,"workspaces":{"packages":7}}' },
  ],
  logs: [
    [
      'npm error code ETARGET\nnpm error notarget No matching version found for left-pad@9.9.9.',
      'package-not-available',
      /left-pad/,
    ],
    [
      'npm error code ENOTFOUND\nnpm error network request to http://example.test/x failed, reason: getaddrinfo ENOTFOUND example.test',
      'package-not-available',
      /example\.test/,
    ],
  ],
}

const python: Specimen = {
  ecosystem: 'python',
  files: {
    'pyproject.toml':
      '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n[project]\nname = "sample"\nversion = "1.0.0"\ndependencies = ["attrs>=22"]\n\n[tool.ruff]\nline-length = 100\n',
    'src/sample/__init__.py': 'one = 1\n',
    'tests/test_sample.py': 'from sample import one\n\n\ndef test_one():\n    assert one == 1\n',
  },
  changed: ['src/sample/__init__.py'],
  tests: ['tests/test_sample.py'],
  versions: { python: '3.12.4', uv: '0.9.1' },
  manifests: ['pyproject.toml'],
  idleEdits: [['pyproject.toml', 'line-length = 100', 'line-length = 88']],
  tellingEdits: [['pyproject.toml', 'attrs>=22', 'attrs>=23']],
  kept: ['.quarry/venv/lib/python3.12/site-packages/attr/__init__.py', '.quarry/venv/bin/pytest'],
  derived: [
    'src/sample/__pycache__/__init__.cpython-312.pyc',
    'build/lib/sample/__init__.py',
    '.quarry/venv/lib/python3.12/site-packages/attr/__pycache__/x.pyc',
  ],
  broken: [
    { 'pyproject.toml': '= [' },
    { 'setup.py': 'def (' },
    { 'setup.cfg': '[x\n= 3', 'requirements.txt': '\0\n-r requirements.txt\n' },
    { Pipfile: '{', 'tox.ini': '[testenv' },
  ],
  logs: [
    ['ERROR: No matching distribution found for left-pad==9.9', 'package-not-available', /left-pad/],
    ["ERROR: Package 'sample' requires a different Python: 3.12.4 not in '<3.8'", 'toolchain-not-available', /<3\.8/],
    ['fatal: unable to access: Could not resolve host: example.test', 'package-not-available', /example\.test/],
  ],
}

const go: Specimen = {
  ecosystem: 'go',
  files: {
    'go.mod': 'module example.test/sample\n\ngo 1.21\n',
    'go.sum': '',
    'sample.go': 'package sample\n\nfunc One() int { return 1 }\n',
    'sample_test.go':
      'package sample\n\nimport "testing"\n\nfunc TestOne(t *testing.T) {\n\tif One() != 1 {\n\t\tt.Fatal()\n\t}\n}\n',
  },
  changed: ['sample.go'],
  tests: ['sample_test.go'],
  versions: { go: '1.22.5' },
  manifests: ['go.mod', 'go.sum'],
  idleEdits: [],
  tellingEdits: [['go.mod', 'go 1.21', 'go 1.22']],
  kept: ['.quarry/go/mod/example.test/other@v1.0.0/other.go'],
  derived: ['sample.test', 'bin/sample', 'coverage.out'],
  broken: [{ 'go.mod': 'modul (' }, { 'go.mod': '\0', 'go.work': 'use (\n' }, { 'go.mod': '', 'a.go': 'packag' }],
  logs: [
    [
      'go: example.test/other@v9.9.9: invalid version: unknown revision v9.9.9',
      'package-not-available',
      /example\.test\/other@v9\.9\.9/,
    ],
    ['go: go.mod requires go >= 1.99 (running go 1.22.5)', 'toolchain-not-available', /1\.99/],
  ],
}

const rust: Specimen = {
  ecosystem: 'rust',
  files: {
    'Cargo.toml':
      '[package]\nname = "sample"\nversion = "1.0.0"\nedition = "2021"\ndescription = "Counts"\n\n[dependencies]\nserde = "1"\n',
    'src/lib.rs': 'pub fn one() -> u8 {\n    1\n}\n',
    'tests/one.rs': '#[test]\nfn one() {\n    assert_eq!(sample::one(), 1);\n}\n',
  },
  changed: ['src/lib.rs'],
  tests: ['tests/one.rs'],
  versions: { rust: '1.75.0' },
  manifests: ['Cargo.toml'],
  idleEdits: [['Cargo.toml', '"Counts"', '"Counts to one"']],
  tellingEdits: [['Cargo.toml', 'serde = "1"', 'serde = "1.0.100"']],
  kept: [
    '.quarry/cargo/registry/cache/x/serde-1.0.0.crate',
    '.quarry/target/debug/deps/libserde-0123456789abcdef.rlib',
  ],
  derived: [
    '.quarry/target/debug/deps/libsample-0123456789abcdef.rlib',
    '.quarry/target/debug/.fingerprint/sample-0123456789abcdef/lib-sample',
    '.quarry/target/debug/deps/one-0123456789abcdef',
    'target/debug/sample',
  ],
  broken: [
    { 'Cargo.toml': '[' },
    { 'Cargo.toml': 'package = 3\nworkspace = []\n' },
    { 'Cargo.toml': '[workspace]\nmembers = ["../x", "a/*"]\n', 'a/b/Cargo.toml': '\0' },
  ],
  logs: [
    [
      'error: no matching package named `left-pad` found\nlocation searched: registry',
      'package-not-available',
      /left-pad/,
    ],
    [
      'error: package `x v1.0.0` cannot be built because it requires rustc 1.99 or newer',
      'toolchain-not-available',
      /rust 1\.99/,
    ],
  ],
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test.example</groupId>
  <artifactId>sample</artifactId>
  <version>1.0.0</version>
  <description>Counts</description>
  <properties><maven.compiler.release>17</maven.compiler.release></properties>
  <dependencies>
    <dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.10.0</version><scope>test</scope></dependency>
  </dependencies>
</project>
`

const java: Specimen = {
  ecosystem: 'java',
  files: {
    'pom.xml': pom,
    'src/main/java/test/One.java': 'package test;\n\npublic class One {}\n',
    'src/test/java/test/OneTest.java':
      'package test;\n\nimport org.junit.jupiter.api.Test;\n\nclass OneTest {\n  @Test\n  void one() {}\n}\n',
  },
  changed: ['src/main/java/test/One.java'],
  tests: ['src/test/java/test/OneTest.java'],
  versions: { java: '17.0.2', maven: '3.9.9' },
  manifests: ['pom.xml'],
  idleEdits: [['pom.xml', 'Counts', 'Counts to one']],
  tellingEdits: [['pom.xml', '5.10.0', '5.9.0']],
  kept: ['.quarry/m2/org/junit/jupiter/junit-jupiter/5.10.0/junit-jupiter-5.10.0.jar'],
  derived: [
    '.quarry/m2/test/example/sample/1.0.0/sample-1.0.0.jar',
    'target/classes/test/One.class',
    'target/sample-1.0.0.jar',
  ],
  broken: [
    { 'pom.xml': '<project' },
    { 'pom.xml': '\0' },
    {
      'pom.xml': '<project><modules><module>a</module><module>../..</module></modules></project>',
      'a/pom.xml': '<x/>',
    },
  ],
  logs: [
    [
      '[ERROR] Could not find artifact test.example:other:jar:9.9.9 in quarry',
      'package-not-available',
      /test\.example:other/,
    ],
    ['[ERROR] Fatal error compiling: error: release version 29 not supported', 'toolchain-not-available', /java 29/],
  ],
}

const ruby: Specimen = {
  ecosystem: 'ruby',
  files: {
    Gemfile: "source 'https://example.test'\n\ngem 'minitest'\n",
    'lib/sample.rb': 'module Sample\n  ONE = 1\nend\n',
    'test/sample_test.rb':
      "require 'minitest/autorun'\n\nclass SampleTest < Minitest::Test\n  def test_one\n    assert_equal 1, 1\n  end\nend\n",
  },
  changed: ['lib/sample.rb'],
  tests: ['test/sample_test.rb'],
  versions: { ruby: '3.3.0', gems: '3.3.0' },
  manifests: ['Gemfile'],
  idleEdits: [],
  tellingEdits: [['Gemfile', "'minitest'", "'rspec'"]],
  kept: ['.quarry/ruby/gems/specifications/rake-1.0.gemspec'],
  derived: ['pkg/sample-1.0.0.gem', 'coverage/index.html'],
  broken: [{ Gemfile: 'gem (' }, { 'sample.gemspec': '\0', Gemfile: 'gemspec' }, { Rakefile: 'task' }],
  logs: [
    ["Could not find gem 'left-pad (= 9.9)' in locally installed gems.", 'package-not-available', /left-pad/],
    ['Your Ruby version is 3.3.0, but your Gemfile specified ~> 9.9', 'toolchain-not-available', /ruby ~> 9\.9/],
  ],
}

/** One for each member of `ecosystems`. */
export const specimens: readonly Specimen[] = [node, python, go, rust, java, ruby]
