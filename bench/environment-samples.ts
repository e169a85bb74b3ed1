import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

type Files = Readonly<Record<string, string>>

/** A small project of one ecosystem with real dependencies, twice mended: two candidates that share an environment. */
export interface Sample {
  readonly ecosystem: string
  readonly files: Files
  /** What writes its lockfile, where it has one; the tool is the machine's own. */
  readonly lock: readonly string[] | null
  /** A test and its fix, for each of the two pulls. */
  readonly pulls: readonly Files[]
}

const parts = ['cart', 'tax', 'stock', 'order', 'price', 'label', 'parcel', 'refund']

const node: Sample = {
  ecosystem: 'node',
  lock: ['npm', 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'],
  files: {
    'package.json': JSON.stringify({
      ...{ name: 'shop', version: '1.0.0', private: true, scripts: { test: 'mocha' } },
      dependencies: { express: '4.19.2', lodash: '4.17.21', zod: '3.23.8' },
      devDependencies: { mocha: '10.7.3', typescript: '5.5.4' },
    }),
    'half.js': 'exports.half = (n) => n\nexports.twice = (n) => n\n',
    'test/half.js': "const { half } = require('../half.js')\nit('is there', () => { half(0) })\n",
  },
  pulls: [
    {
      'half.js': 'exports.half = (n) => n / 2\nexports.twice = (n) => n\n',
      'test/half.js':
        "const { half } = require('../half.js')\nit('halves', () => { if (half(4) !== 2) throw new Error() })\n",
    },
    {
      'half.js': 'exports.half = (n) => n / 2\nexports.twice = (n) => n * 2\n',
      'test/twice.js':
        "const { twice } = require('../half.js')\nit('doubles', () => { if (twice(2) !== 4) throw new Error() })\n",
    },
  ],
}

const python: Sample = {
  ecosystem: 'python',
  lock: null,
  files: {
    'pyproject.toml': `[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "shop"
version = "1.0.0"
requires-python = ">=3.9"
dependencies = ["requests==2.32.3", "attrs==24.2.0", "rich==13.8.0", "sqlalchemy==2.0.32"]

[project.optional-dependencies]
test = ["pytest==8.3.2"]

[tool.setuptools]
packages = ["shop"]
`,
    'shop/__init__.py': 'def half(n):\n    return n\n\n\ndef twice(n):\n    return n\n',
    'tests/test_half.py': 'from shop import half\n\n\ndef test_is_there():\n    half(0)\n',
  },
  pulls: [
    {
      'shop/__init__.py': 'def half(n):\n    return n / 2\n\n\ndef twice(n):\n    return n\n',
      'tests/test_half.py': 'from shop import half\n\n\ndef test_halves():\n    assert half(4) == 2\n',
    },
    {
      'shop/__init__.py': 'def half(n):\n    return n / 2\n\n\ndef twice(n):\n    return n * 2\n',
      'tests/test_twice.py': 'from shop import twice\n\n\ndef test_doubles():\n    assert twice(2) == 4\n',
    },
  ],
}

/** Enough of each to compile that it shows which of them were. */
const goPart = (name: string, body: string) => `package ${name}

import "encoding/json"

func Half(n int) int { return ${body} }
${Array.from({ length: 60 }, (_, at) => `type T${at} struct { A, B int; C map[string][]T${at} }\nfunc (t T${at}) JSON() string { b, _ := json.Marshal(t); return string(b) }`).join('\n')}
`
const goTest = (name: string, wanted: number) => `package ${name}

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHalf(t *testing.T) { require.Equal(t, ${wanted}, Half(${wanted * 2})) }
`
const go: Sample = {
  ecosystem: 'go',
  lock: ['go', 'mod', 'tidy'],
  files: {
    'go.mod': 'module example.invalid/shop\n\ngo 1.21\n\nrequire github.com/stretchr/testify v1.9.0\n',
    ...Object.fromEntries(
      parts.flatMap((name) => [
        [`${name}/${name}.go`, goPart(name, 'n')],
        [`${name}/${name}_test.go`, goTest(name, 0)],
      ]),
    ),
  },
  pulls: parts.slice(0, 2).map((name) => ({
    [`${name}/${name}.go`]: goPart(name, 'n / 2'),
    [`${name}/${name}_test.go`]: goTest(name, 2),
  })),
}

const rustPart = (body: string) => `use serde::{Deserialize, Serialize};

pub fn half(n: u32) -> u32 {
    ${body}
}
${Array.from({ length: 25 }, (_, at) => `#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]\npub struct T${at} { pub a: u32, pub b: Vec<String>, pub c: Option<Box<T${at}>> }`).join('\n')}
`
const rustTest = (name: string, wanted: number) =>
  `#[test]\nfn halves() {\n    assert_eq!(${name}::half(${wanted * 2}), ${wanted});\n}\n`
const rust: Sample = {
  ecosystem: 'rust',
  lock: ['cargo', 'generate-lockfile'],
  files: {
    'Cargo.toml': `[workspace]\nresolver = "2"\nmembers = [${parts.map((name) => `"${name}"`).join(', ')}]\n`,
    ...Object.fromEntries(
      parts.flatMap((name) => [
        [
          `${name}/Cargo.toml`,
          `[package]\nname = "${name}"\nversion = "1.0.0"\nedition = "2021"\n\n[dependencies]\nserde = { version = "=1.0.204", features = ["derive"] }\nserde_json = "=1.0.120"\nregex = "=1.10.5"\n`,
        ],
        [`${name}/src/lib.rs`, rustPart('n')],
        [`${name}/tests/half.rs`, rustTest(name, 0)],
      ]),
    ),
  },
  pulls: parts.slice(0, 2).map((name) => ({
    [`${name}/src/lib.rs`]: rustPart('n / 2'),
    [`${name}/tests/half.rs`]: rustTest(name, 2),
  })),
}

const javaPart = (name: string, half: string, twice: string) => `package invalid.example.${name};

public class Half {
    public static int half(int n) { return ${half}; }
    public static int twice(int n) { return ${twice}; }
${Array.from({ length: 60 }, (_, at) => `    public record T${at}(int a, String b, java.util.List<T${at}> c) {}`).join('\n')}
}
`
const javaTest = (name: string, test: string, assertion: string) => `package invalid.example.${name};

import static org.junit.jupiter.api.Assertions.assertEquals;
import org.junit.jupiter.api.Test;

class ${test} {
    @Test
    void holds() { assertEquals(${assertion}); }
}
`
const pom = (inner: string) => `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
${inner}
</project>
`
const java: Sample = {
  ecosystem: 'java',
  lock: null,
  files: {
    'pom.xml': pom(`  <groupId>invalid.example</groupId>
  <artifactId>shop</artifactId>
  <version>1.0.0</version>
  <packaging>pom</packaging>
  <modules>${parts.map((name) => `<module>${name}</module>`).join('')}</modules>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency><groupId>com.google.guava</groupId><artifactId>guava</artifactId><version>33.2.1-jre</version></dependency>
    <dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.10.3</version><scope>test</scope></dependency>
  </dependencies>
  <build><plugins>
    <plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-compiler-plugin</artifactId><version>3.13.0</version></plugin>
    <plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-surefire-plugin</artifactId><version>3.3.1</version></plugin>
  </plugins></build>`),
    ...Object.fromEntries(
      parts.flatMap((name) => [
        [
          `${name}/pom.xml`,
          pom(
            `  <parent><groupId>invalid.example</groupId><artifactId>shop</artifactId><version>1.0.0</version></parent>\n  <artifactId>${name}</artifactId>`,
          ),
        ],
        [`${name}/src/main/java/invalid/example/${name}/Half.java`, javaPart(name, 'n', 'n')],
        [`${name}/src/test/java/invalid/example/${name}/HalfTest.java`, javaTest(name, 'HalfTest', '0, Half.half(0)')],
      ]),
    ),
  },
  // Of one module: what an install brings is for the modules that a change touches.
  pulls: [
    {
      'cart/src/main/java/invalid/example/cart/Half.java': javaPart('cart', 'n / 2', 'n'),
      'cart/src/test/java/invalid/example/cart/HalfTest.java': javaTest('cart', 'HalfTest', '2, Half.half(4)'),
    },
    {
      'cart/src/main/java/invalid/example/cart/Half.java': javaPart('cart', 'n / 2', 'n * 2'),
      'cart/src/test/java/invalid/example/cart/TwiceTest.java': javaTest('cart', 'TwiceTest', '4, Half.twice(2)'),
    },
  ],
}

export const samples: readonly Sample[] = [node, python, go, rust, java]

/** A clone of the sample's repository in `folder`. Throws where the tool that writes its lockfile is not on the machine. */
export function cloneOf({ ecosystem, files, lock, pulls }: Sample, folder: string): string {
  const clone = join(folder, ecosystem)
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.invalid', ...args])
  const commit = (changed: Files, message: string) => {
    for (const [path, text] of Object.entries(changed)) {
      mkdirSync(dirname(join(clone, path)), { recursive: true })
      writeFileSync(join(clone, path), text)
    }
    if (message === 'Begin' && lock !== null)
      execFileSync(lock[0] ?? '', lock.slice(1), { cwd: clone, stdio: ['ignore', 'ignore', 'pipe'] })
    git('add', '--all')
    git('commit', '--quiet', '--message', message)
  }
  mkdirSync(clone, { recursive: true })
  git('init', '--quiet', '--initial-branch=main')
  commit(files, 'Begin')
  for (const [at, changed] of pulls.entries()) commit(changed, `Mend it (#${at * 2 + 2})\n\nFixes #${at * 2 + 1}`)
  return clone
}
