import { expect, test } from 'vitest'
import { kindByPath } from '../../src/languages/path-kinds.ts'
import type { PathKind } from '../../src/model/index.ts'

const expected: Record<Exclude<PathKind, 'mixed'>, string[]> = {
  test: [
    'src/cart.test.js', 'src/cart.spec.tsx', 'test.js', 'test/cart.js', 'tests/unit/cart.ts', 'src/__tests__/cart.js',
    'spec/cart_spec.js', 'index.test-d.ts', 'test-d/index.ts', 'tests/test_cart.py', 'pkg/cart_test.go', 'tests/cart.rs',
    'src/test/java/org/acme/CartTest.java', 'packages/cart/test/add.mjs', 'src/cart-test.js', 'e2e/login.spec.ts',
  ],
  'test-support': [
    'src/__snapshots__/cart.test.js.snap', 'test/fixtures/cart.json', 'test/fixtures/vendor/lib.js', 'test/helpers/server.js',
    'tests/conftest.py', 'conftest.py', 'src/__mocks__/fs.js', 'pkg/testdata/in.txt', 'test/README.md', 'test/setup.ts',
    'test/_helper.js', 'vitest.config.ts', 'jest.config.js', '.mocharc.json', 'jest.setup.ts', 'src/setupTests.js', 'karma.conf.js',
    'test/package.json', 'src/test-utils/render.tsx', 'test/specs/new.md', 'ava.config.js', 'vitest.workspace.ts',
  ],
  source: [
    'src/cart.js', 'lib/index.js', 'index.js', 'src/docs/render.ts', 'packages/test-utils/src/index.ts', 'src/testing.ts',
    'src/latest.js', 'src/contest.js', 'attest.py', 'lib/history.js', 'tsconfig.json', 'src/spec-reader.ts', 'src/newsletter.ts', 'build/rollup.js',
  ],
  docs: ['README.md', 'docs/guide.md', 'docs/theme/index.ts', 'LICENSE', 'CONTRIBUTING.md', 'examples/a.js', 'packages/a/docs/x.js'],
  changelog: ['CHANGELOG.md', 'packages/cart/CHANGELOG.md', '.changeset/brown-dogs.md', 'HISTORY.md', 'CHANGES.rst', 'History.txt'],
  manifest: ['package.json', 'packages/cart/package.json', 'pnpm-workspace.yaml', 'pyproject.toml', 'Cargo.toml', '.npmrc'],
  lockfile: ['package-lock.json', 'yarn.lock', 'pnpm-lock.yaml', 'Cargo.lock', 'go.sum', 'uv.lock'],
  ci: ['.github/workflows/test.yml', '.circleci/config.yml', '.travis.yml', 'codecov.yml', '.husky/pre-commit'],
  generated: ['dist/index.js', 'packages/cart/dist/index.js', 'cart.min.js', 'api/cart.pb.go'],
  vendored: ['vendor/lib/test/a.js', 'third_party/x.c', 'node_modules/a/index.js'],
}

test.each(Object.entries(expected).flatMap(([kind, paths]) => paths.map((path) => [path, kind] as const)))(
  '%s is %s',
  (path, kind) => {
    expect(kindByPath(path)).toBe(kind)
  },
)
