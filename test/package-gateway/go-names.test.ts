import { expect, test } from 'vitest'
import { goRoute } from '../../src/package-gateway/go/route.ts'
import { proxiesOf } from '../../src/package-gateway/go/upstream.ts'

test('names of versions and modules are read as the go command writes them', () => {
  expect(goRoute(['a', '!b', '@v', 'v1.0.0+incompatible.info'])).toMatchObject({
    module: 'a/!b',
    version: 'v1.0.0+incompatible',
  })
  expect(goRoute(['a', '@v', 'feature-x.info'])).toMatchObject({ kind: 'info', version: 'feature-x' })
  expect(goRoute(['a', '@latest'])).toEqual({ kind: 'latest', module: 'a' })
})

test('of GOPROXY only proxies are asked, each with the credential that stands in its address', () => {
  const { registries: found, authorizations } = proxiesOf(
    'https://me:p%40ss@proxy.invalid/go|http://other.invalid,direct,off',
  )
  expect(found).toEqual(['https://proxy.invalid/go/', 'http://other.invalid/'])
  const authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`
  expect(authorizations).toEqual([{ registry: '//proxy.invalid/go/', authorization }])
  expect(proxiesOf('direct').registries).toEqual([])
})
