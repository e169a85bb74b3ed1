/** Packages that old libraries (mocks, serializers) reach into by reflection. */
const runtime = [
  'lang',
  'lang.reflect',
  'util',
  'util.concurrent',
  'text',
  'io',
  'net',
  'nio',
  'time',
  'math',
  'security',
]
/** Those of the compiler that annotation processors and compiler plugins reach into. */
const compiler = ['api', 'code', 'comp', 'file', 'jvm', 'main', 'model', 'parser', 'processing', 'tree', 'util']

/** The first Java that opens nothing of its own accord. */
const closed = 16

/** Options with which a Java opens to tests what was open when the project was made for an older one. */
export function openedRuntime(feature: number): string {
  return feature < closed ? '' : runtime.map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`).join(' ')
}

export function openedCompiler(feature: number): string {
  return feature < closed
    ? ''
    : compiler.map((name) => `--add-opens=jdk.compiler/com.sun.tools.javac.${name}=ALL-UNNAMED`).join(' ')
}
