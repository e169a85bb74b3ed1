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

/**
 * Byte Buddy, by which mocks are made, refuses class files of a Java that came after it, unless it is told to go on. A security manager may not
 * be set from Java 18 on, unless Java is told so; from 24 on it never may (JEP 411, JEP 486).
 */
export function laterRuntime(feature: number): string {
  return [
    '-Dnet.bytebuddy.experimental=true',
    ...(feature >= 18 && feature < 24 ? ['-Djava.security.manager=allow'] : []),
  ].join(' ')
}

export function openedCompiler(feature: number): string {
  return feature < closed
    ? ''
    : compiler.map((name) => `--add-opens=jdk.compiler/com.sun.tools.javac.${name}=ALL-UNNAMED`).join(' ')
}
