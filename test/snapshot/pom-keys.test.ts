import { expect, test } from 'vitest'
import { isReadableManifest, withTestParts } from '../../src/snapshot/test-parts.ts'

const pom = (inner: string) => `<project>\n  <artifactId>shop</artifactId>\n${inner}</project>\n`
const surefire = (configuration: string) =>
  `<plugin><artifactId>maven-surefire-plugin</artifactId><configuration>${configuration}</configuration></plugin>`
const build = (inner: string) => `  <build><plugins>${inner}</plugins></build>\n`
const jar = '<plugin><artifactId>maven-jar-plugin</artifactId></plugin>'

test("puts the runner's plugins back and keeps what is beside them", () => {
  const own = pom(`${build(`${jar}${surefire('<skipTests>true</skipTests>')}`)}  <!-- mine -->\n`)
  const wanted = pom(build(surefire('<argLine>-Xmx1g</argLine>')))
  const put = withTestParts('pom.xml', own, wanted)
  expect(put).toBe(pom(`${build(`${jar}${surefire('<argLine>-Xmx1g</argLine>')}`)}  <!-- mine -->\n`))
  expect(withTestParts('pom.xml', put, wanted)).toBe(put)
})

test('takes away what the tests do not have: plugins, properties, other places of tests', () => {
  const own = pom(
    `  <properties><skipTests>true</skipTests><a>1</a></properties>\n  <build><testSourceDirectory>easy</testSourceDirectory><plugins>${surefire('')}</plugins></build>\n`,
  )
  const put = withTestParts('core/pom.xml', own, pom(''))
  expect(put).toBe(pom('  <properties><a>1</a></properties>\n  <build><plugins></plugins></build>\n'))
})

test('puts back what was taken away, with what holds it', () => {
  const profile = `<profiles><profile><id>ci</id>${build(surefire('')).trim()}</profile></profiles>`
  const put = withTestParts('pom.xml', pom(''), pom(profile))
  expect(put).toContain(profile)
})

test('gives what only tests depend on to the tests, and other dependencies to the source', () => {
  const dependency = (name: string, scope: string) =>
    `<dependency><groupId>a</groupId><artifactId>${name}</artifactId><scope>${scope}</scope></dependency>`
  const base = pom(`<dependencies>${dependency('old', 'test')}</dependencies>`)
  const after = pom(
    `<dependencies>${dependency('old', 'test')}${dependency('lib', 'compile')}${dependency('mock', 'test')}</dependencies>`,
  )
  const before = withTestParts('pom.xml', base, after)
  expect(before).toContain('mock')
  expect(before).not.toContain('lib')
  const fixed = withTestParts('pom.xml', after, base)
  expect(fixed).toContain('lib')
  expect(fixed).not.toContain('mock')
  expect(withTestParts('pom.xml', fixed, base, after)).toBe(fixed)
})

test('leaves what it can not read, and says so', () => {
  const broken = '<project><build></project>'
  expect(withTestParts('pom.xml', broken, pom(''))).toBe(broken)
  expect(isReadableManifest('pom.xml', broken)).toBe(false)
  expect(isReadableManifest('pom.xml', pom('<!-- <a> --><b c=">"/><![CDATA[<d>]]>'))).toBe(true)
})
