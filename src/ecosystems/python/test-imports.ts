import { languageOf, syntaxOf } from '../../languages/index.ts'
import type { TreeReader } from '../../model/index.ts'
import { pytestSettings } from '../../test-frameworks/pytest.ts'
import type { ProjectView } from '../../test-frameworks/types.ts'
import type { PythonProject } from './project.ts'
import { packageName, readRequirement } from './requirement-texts.ts'
import standard from './standard-modules.json' with { type: 'json' }
import type { TestRequirements } from './test-requirements.ts'

const standardModules = new Set<string>(standard)
const mostFiles = 400

/** Modules whose package has another name. */
const packages: Readonly<Record<string, string>> = {
  yaml: 'pyyaml',
  PIL: 'pillow',
  bs4: 'beautifulsoup4',
  cv2: 'opencv-python-headless',
  sklearn: 'scikit-learn',
  skimage: 'scikit-image',
  dateutil: 'python-dateutil',
  attr: 'attrs',
  dotenv: 'python-dotenv',
  jwt: 'pyjwt',
  OpenSSL: 'pyopenssl',
  Crypto: 'pycryptodome',
  git: 'gitpython',
  rest_framework: 'djangorestframework',
  zmq: 'pyzmq',
  serial: 'pyserial',
  magic: 'python-magic',
  docx: 'python-docx',
  pptx: 'python-pptx',
  pkg_resources: 'setuptools',
  google: 'protobuf',
  MySQLdb: 'mysqlclient',
  psycopg2: 'psycopg2-binary',
  factory: 'factory-boy',
  flask_sqlalchemy: 'flask-sqlalchemy',
  socks: 'pysocks',
  usb: 'pyusb',
  slugify: 'python-slugify',
  jose: 'python-jose',
  telegram: 'python-telegram-bot',
  markdown: 'markdown',
  mpl_toolkits: 'matplotlib',
  pylab: 'matplotlib',
  ruamel: 'ruamel.yaml',
  absl: 'absl-py',
  memcache: 'python-memcached',
  ldap: 'python-ldap',
  websocket: 'websocket-client',
  speech_recognition: 'speechrecognition',
  faker: 'faker',
  fitz: 'pymupdf',
  win32api: '',
  win32con: '',
  pythoncom: '',
  winreg: '',
  ntpath: '',
}

/** Settings of pytest that need a plug-in, and the plug-in. */
const plugins: readonly (readonly [string, RegExp, string])[] = [
  ['asyncio_mode', /./, 'pytest-asyncio'],
  ['addopts', /--cov\b/, 'pytest-cov'],
  ['addopts', /^-n\d*$|--numprocesses|--dist\b/, 'pytest-xdist'],
  ['addopts', /--timeout\b/, 'pytest-timeout'],
  ['timeout', /./, 'pytest-timeout'],
  ['addopts', /--benchmark/, 'pytest-benchmark'],
  ['addopts', /--reruns/, 'pytest-rerunfailures'],
  ['addopts', /--random-order/, 'pytest-random-order'],
  ['addopts', /--randomly/, 'pytest-randomly'],
  ['addopts', /--mypy/, 'pytest-mypy'],
  ['addopts', /--ds\b/, 'pytest-django'],
  ['django_settings_module', /./, 'pytest-django'],
  ['env', /./, 'pytest-env'],
  ['addopts', /--flake8/, 'pytest-flake8'],
  ['addopts', /--black/, 'pytest-black'],
  ['addopts', /--isort/, 'pytest-isort'],
  ['addopts', /--html/, 'pytest-html'],
  ['addopts', /--emoji/, 'pytest-emoji'],
  ['addopts', /--doctest-plus|--doctest-rst/, 'pytest-doctestplus'],
]

/**
 * Packages that the tests of the tree import, or pytest's settings need, and that nobody states. An import's name is taken for its package's
 * where the two are not known to differ.
 */
export async function unstatedImports(
  tree: TreeReader,
  project: PythonProject,
  requirements: TestRequirements,
  testPaths: readonly string[],
  view: ProjectView,
): Promise<readonly string[]> {
  const stated = await statedPackages(tree, project, requirements)
  const own = ownModules(tree)
  const found = new Set<string>()
  for (const path of chosen(tree, testPaths)) {
    const text = await tree.read(path)
    for (const specifier of text === null ? [] : (syntaxOf(path)?.imports(text) ?? [])) {
      const [top = ''] = specifier.split('.')
      // A name that begins with an underscore is a part of some other package.
      if (/^[A-Za-z]/.test(top) && !standardModules.has(top) && !own.has(top)) found.add(packageOf(top))
    }
    if (text !== null && /\bmocker\b/.test(text)) found.add('pytest-mock')
    if (text !== null && /\bbenchmark\(/.test(text)) found.add('pytest-benchmark')
  }
  const settings = await pytestSettings(view)
  for (const [key, pattern, plugin] of plugins)
    if (settings(key).some((value) => pattern.test(value))) found.add(plugin)
  return [...found].filter((name) => name !== '' && !stated.has(name)).sort()
}

function packageOf(module: string): string {
  return packageName(packages[module] ?? module)
}

/** Files that hold tests or what they share; those of the change first. */
function chosen(tree: TreeReader, testPaths: readonly string[]): readonly string[] {
  const python = tree.paths.filter((path) => languageOf(path) === 'python')
  const tests = python.filter((path) =>
    /(?:^|\/)(?:tests?|testing)\/|(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest|tests)\.py$/.test(path),
  )
  return [...new Set([...testPaths.filter((path) => python.includes(path)), ...tests])].slice(0, mostFiles)
}

/** Every module and folder of the repository, wherever it lies: its tests may put any folder on the path. */
function ownModules(tree: TreeReader): ReadonlySet<string> {
  const names = new Set<string>()
  for (const path of tree.paths) {
    if (!/\.(?:pyi?|pyx|c|cpp|rs)$/.test(path)) continue
    for (const part of path.replace(/\.\w+$/, '').split('/')) names.add(part)
  }
  return names
}

/** What the manifests, in whatever words, and the chosen requirements name. */
async function statedPackages(
  tree: TreeReader,
  project: PythonProject,
  requirements: TestRequirements,
): Promise<ReadonlySet<string>> {
  const files = await Promise.all(
    [...requirements.files, 'setup.py', 'setup.cfg'].filter((path) => tree.has(path)).map((path) => tree.read(path)),
  )
  const lines = [
    ...requirements.requirements,
    ...files.flatMap((text) => (text ?? '').split('\n')),
    ...project.dependencies,
    ...requirements.extras.flatMap((extra) => project.extraDependencies.get(extra) ?? []),
  ]
  const quoted = (project.setupPy ?? '').matchAll(
    /["'](?<text>[A-Za-z][\w.-]*(?:\[[\w,]*\])?\s*(?:[<>=!~;][^"']*)?)["']/g,
  )
  return new Set(
    [...lines, ...[...quoted].map(({ groups }) => groups?.text ?? '')].flatMap(
      (line) => readRequirement(line.trim())?.name ?? [],
    ),
  )
}
