import type { TreeReader } from '../../model/index.ts'
import { type IniSections, isTable, readIni, readToml, tomlAt, wordsOf } from '../../test-frameworks/python-settings.ts'
import { groupsOf, poetryList } from './dependency-groups.ts'
import { specifierOf } from './poetry-versions.ts'
import { packageName } from './requirement-texts.ts'

/** A Python project as its manifests describe it, read and never run. */
export interface PythonProject {
  /** As an index has it; null: no manifest says it plainly. */
  readonly name: string | null
  readonly pyproject: Readonly<Record<string, unknown>> | null
  readonly setupCfg: IniSections
  /** The text of setup.py; null: there is none. */
  readonly setupPy: string | null
  /** It can be installed: there is something that builds it. */
  readonly installable: boolean
  /** `setuptools.build_meta` …; setuptools' own where nothing is said. */
  readonly backend: string
  readonly buildRequires: readonly string[]
  /** In the words of PEP 440; null: nothing is said. */
  readonly requiresPython: string | null
  /** Lines of CPython that the classifiers name: `3.9`. */
  readonly classified: readonly string[]
  readonly extras: readonly string[]
  /** What it needs to run, as far as it stands in pyproject.toml. */
  readonly dependencies: readonly string[]
  /** What its extras bring, likewise. */
  readonly extraDependencies: ReadonlyMap<string, readonly string[]>
  /** Named lists of requirements for development, by any tool's custom: PEP 735, Poetry, PDM, Hatch, uv, Pipenv, `tests_require`. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** Parts of it are compiled. */
  readonly compiled: boolean
  /** Its version comes from git's tags. */
  readonly versionFromGit: boolean
  /** A manifest that can't be read: its name. */
  readonly broken: readonly string[]
}

export async function readProject(tree: TreeReader): Promise<PythonProject> {
  const [toml, cfg, setupPy, pipfileText] = await Promise.all(
    ['pyproject.toml', 'setup.cfg', 'setup.py', 'Pipfile'].map((path) => (tree.has(path) ? tree.read(path) : null)),
  )
  const pyproject = toml == null ? null : readToml(toml)
  const pipfile = pipfileText == null ? null : readToml(pipfileText)
  const setupCfg = readIni(cfg ?? '')
  const files = { pyproject, pipfile, setupCfg, setupPy: setupPy ?? null }
  const backend = tomlAt(pyproject, 'build-system', 'build-backend')
  const buildRequires = wordsOrNone(tomlAt(pyproject, 'build-system', 'requires'))
  const everything = [toml, cfg, setupPy].join('\n')
  return {
    name: nameOf(files),
    pyproject,
    setupCfg,
    setupPy: files.setupPy,
    installable: isInstallable(files),
    backend: typeof backend === 'string' ? backend : 'setuptools.build_meta',
    buildRequires: buildRequires.length > 0 ? buildRequires : ['setuptools', 'wheel'],
    requiresPython: requiresPython(files),
    classified: classified(everything),
    extras: extrasOf(files),
    dependencies: [
      ...wordsOrNone(tomlAt(pyproject, 'project', 'dependencies')),
      ...poetryList(tomlAt(pyproject, 'tool', 'poetry', 'dependencies')),
    ],
    extraDependencies: extraDependencies(pyproject),
    groups: groupsOf(files),
    compiled: isCompiled(files, buildRequires),
    versionFromGit:
      /\b(?:setuptools[-_]scm|hatch-vcs|versioningit|dunamai|flit-scm|pbr|setuptools[-_]git[-_]versioning|poetry-dynamic-versioning|vcversioner)\b/.test(
        everything,
      ) || tomlAt(pyproject, 'tool', 'pdm', 'version', 'source') === 'scm',
    broken: [
      ...(toml != null && pyproject === null ? ['pyproject.toml'] : []),
      ...(pipfileText != null && pipfile === null ? ['Pipfile'] : []),
    ],
  }
}

function nameOf({ pyproject, setupCfg, setupPy }: ManifestFiles): string | null {
  const stated = [
    tomlAt(pyproject, 'project', 'name'),
    tomlAt(pyproject, 'tool', 'poetry', 'name'),
    setupCfg.get('metadata')?.get('name'),
    /\bsetup\s*\([\s\S]*?\bname\s*=\s*(?<quote>['"])(?<name>[\w.-]+)\k<quote>/.exec(setupPy ?? '')?.groups?.name,
  ]
  const name = stated.find((each) => typeof each === 'string')
  return typeof name === 'string' ? packageName(name) : null
}

export interface ManifestFiles {
  readonly pyproject: Readonly<Record<string, unknown>> | null
  readonly pipfile: Readonly<Record<string, unknown>> | null
  readonly setupCfg: IniSections
  readonly setupPy: string | null
}

/** A pyproject.toml with nothing but settings of tools builds nothing. */
function isInstallable({ pyproject, setupPy, setupCfg }: ManifestFiles): boolean {
  if (setupPy !== null) return true
  if (tomlAt(pyproject, 'tool', 'poetry', 'package-mode') === false) return false
  if (tomlAt(pyproject, 'tool', 'uv', 'package') === false) return false
  if (tomlAt(pyproject, 'build-system') !== undefined) return true
  if (isTable(tomlAt(pyproject, 'tool', 'poetry')) && tomlAt(pyproject, 'tool', 'poetry', 'name') !== undefined)
    return true
  return setupCfg.has('metadata') && setupCfg.has('options')
}

function requiresPython({ pyproject, setupCfg, setupPy }: ManifestFiles): string | null {
  const stated =
    tomlAt(pyproject, 'project', 'requires-python') ?? tomlAt(pyproject, 'tool', 'flit', 'metadata', 'requires-python')
  if (typeof stated === 'string') return stated
  const poetry = tomlAt(pyproject, 'tool', 'poetry', 'dependencies', 'python')
  if (typeof poetry === 'string') return specifierOf(poetry)
  const cfg = setupCfg.get('options')?.get('python_requires') ?? setupCfg.get('options')?.get('python-requires')
  if (cfg !== undefined) return cfg.replaceAll('\n', ' ')
  return /python_requires\s*=\s*\(?\s*["'](?<range>[^"']+)["']/.exec(setupPy ?? '')?.groups?.range ?? null
}

function classified(text: string): readonly string[] {
  const found = [...text.matchAll(/Programming Language :: Python :: (?<line>[23]\.\d+)/g)]
  return [...new Set(found.map(({ groups }) => groups?.line ?? ''))]
}

function extrasOf({ pyproject, setupCfg, setupPy }: ManifestFiles): readonly string[] {
  const tables = [
    tomlAt(pyproject, 'project', 'optional-dependencies'),
    tomlAt(pyproject, 'tool', 'poetry', 'extras'),
    tomlAt(pyproject, 'tool', 'flit', 'metadata', 'requires-extra'),
    tomlAt(pyproject, 'tool', 'setuptools', 'dynamic', 'optional-dependencies'),
  ].flatMap((table) => (isTable(table) ? Object.keys(table) : []))
  const cfg = [...(setupCfg.get('options.extras_require')?.keys() ?? [])]
  const named = [...(setupPy ?? '').matchAll(/["'](?<name>[A-Za-z][\w.-]*)["']\s*(?::|\]\s*=)/g)].map(
    ({ groups }) => groups?.name ?? '',
  )
  return [...new Set([...tables, ...cfg, ...(/extras_require|extras/.test(setupPy ?? '') ? named : [])])]
}

function extraDependencies(pyproject: unknown): ReadonlyMap<string, readonly string[]> {
  const table = tomlAt(pyproject, 'project', 'optional-dependencies')
  return new Map(Object.entries(isTable(table) ? table : {}).map(([name, list]) => [name, wordsOrNone(list)]))
}

function isCompiled({ pyproject, setupPy, setupCfg }: ManifestFiles, buildRequires: readonly string[]): boolean {
  const backend = tomlAt(pyproject, 'build-system', 'build-backend')
  if (typeof backend === 'string' && /mesonpy|scikit_build_core|maturin|sipbuild|py_build_cmake|enscons/.test(backend))
    return true
  if (
    buildRequires.some((each) =>
      /^(?:cython|pybind11|nanobind|setuptools[-_]rust|cffi|scikit-build|numpy|oldest-supported-numpy|mypy\b)/i.test(
        each,
      ),
    )
  )
    return true
  if (tomlAt(pyproject, 'tool', 'setuptools', 'ext-modules') !== undefined) return true
  if (setupCfg.get('options')?.has('ext_modules') === true) return true
  return /\bext_modules\s*=|\bcffi_modules\s*=|\brust_extensions\s*=|\bcythonize\s*\(|\bmypycify\s*\(/.test(
    setupPy ?? '',
  )
}

function wordsOrNone(value: unknown): readonly string[] {
  return Array.isArray(value) ? wordsOf(value) : []
}
