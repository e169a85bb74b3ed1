import { expect, test } from 'vitest'
import { kindByPath } from '../../src/languages/index.ts'
import { hasTestParts, withTestParts } from '../../src/snapshot/test-parts.ts'

test.each([
  'build.gradle',
  'core/core.gradle.kts',
  'settings.gradle.kts',
  'gradle.properties',
  'gradle/gradle-daemon-jvm.properties',
  'gradle/libs.versions.toml',
])('%s belongs to the tests whole: it runs beside them', (path) => {
  expect(hasTestParts(kindByPath(path), path)).toBe(true)
  expect(withTestParts(path, 'test.enabled = false\n', 'before\n', 'after\n')).toBe('after\n')
})

test('sources of a plug-in for Gradle are sources like any other', () => {
  expect(kindByPath('src/gradle/Plugin.kt')).toBe('source')
})
