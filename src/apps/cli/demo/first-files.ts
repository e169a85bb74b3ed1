import { readFileSync } from 'node:fs'
import type { Files } from './types.ts'

const lock: { packages: Record<string, { dependencies?: Record<string, string> }> } = JSON.parse(
  readFileSync(new URL('shop-lock.json', import.meta.url), 'utf8'),
)

/** package.json of the shop, with or without the dependency that one of the pulls adds. */
export function manifest(dependencies: Readonly<Record<string, string>>): string {
  const content = {
    name: 'shop',
    version: '1.0.0',
    private: true,
    type: 'module',
    scripts: { test: 'node --test test/*.test.js src/stock.js && mocha spec/*.spec.js' },
    engines: { node: '>=20' },
    ...(Object.keys(dependencies).length > 0 && { dependencies }),
    devDependencies: { mocha: '11.7.4' },
  }
  return `${JSON.stringify(content, null, 2)}\n`
}

/** The lockfile to it: `shop-lock.json` holds all that any pull uses. */
export function lockfile(dependencies: Readonly<Record<string, string>>): string {
  const { '': root, ...packages } = lock.packages
  const { dependencies: all = {}, ...rest } = root ?? {}
  const absent = Object.keys(all).filter((name) => !(name in dependencies))
  const kept = Object.entries(packages).filter(([place]) => !absent.some((name) => place === `node_modules/${name}`))
  const top = Object.keys(dependencies).length > 0 ? { ...rest, dependencies } : rest
  return `${JSON.stringify({ ...lock, packages: { '': top, ...Object.fromEntries(kept) } }, null, 2)}\n`
}

const cart = `/** What the lines of a cart cost together, in cents. */
export function total(lines) {
  return lines.reduce((sum, line) => sum + line.cents * line.count, 0)
}

/** A price in cents after a discount in percent. */
export function discounted(cents, percent) {
  return Math.floor((cents * (100 - percent)) / 100)
}
`

const cartTest = `import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { discounted, total } from '../src/cart.js'

describe('cart', () => {
  it('adds up its lines', () => {
    assert.equal(total([{ cents: 250, count: 2 }, { cents: 99, count: 1 }]), 599)
  })

  it('is free when empty', () => {
    assert.equal(total([]), 0)
  })

  it('takes the discount off', () => {
    assert.equal(discounted(1000, 10), 900)
  })
})
`

const tax = `/** The tax on a net price in cents; the rate in percent. */
export function tax(cents, rate) {
  return Math.round((cents * (rate || 19)) / 100)
}
`

const taxSpec = `import assert from 'node:assert/strict'
import { tax } from '../src/tax.js'

describe('tax', () => {
  it('is 19 percent unless said otherwise', () => {
    assert.equal(tax(1000), 190)
  })

  it('takes a reduced rate', () => {
    assert.equal(tax(1000, 7), 70)
  })
})
`

const price = `/** '12.50' in cents. */
export function parsePrice(text) {
  return Math.round(Number.parseFloat(text) * 100)
}
`

const priceTest = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePrice } from '../src/price.js'

test('reads euros and cents', () => {
  assert.equal(parsePrice('12.50'), 1250)
})
`

const slug = `/** The part of a product's address that people read. */
export function slug(name) {
  return name.trim().toLowerCase().replaceAll(' ', '-')
}
`

const slugTest = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slug } from '../src/slug.js'

test('joins words', () => {
  assert.equal(slug(' Blue Tea Pot '), 'blue-tea-pot')
})
`

/** Its tests stand in the file itself. */
export const stock = (rule: string, moreTests: string): string => `import assert from 'node:assert/strict'
import { test } from 'node:test'

/** Whether so many can be sold. */
export function inStock(stock, count) {
  return ${rule}
}

if (process.argv[1] === import.meta.filename) {
  test('what is there can be sold', () => {
    assert.equal(inStock(3, 2), true)
  })
${moreTests}}
`

const image = `/** Width and height of a PNG image. */
export function sizeOf(image) {
  return { width: image.readUInt32LE(16), height: image.readUInt32LE(20) }
}
`

export const money = (format: string): string => `/** Cents as people write them. */
export function format(cents) {
  return ${format}
}
`

/** Wrong below zero. */
export const plainFormat = "Math.floor(cents / 100) + '.' + String(cents % 100).padStart(2, '0')"

export const moneyTest = (file: string, moreTests: string): string => `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format } from '../src/${file}.js'

test('writes euros and cents', () => {
  assert.equal(format(1250), '12.50')
})
${moreTests}`

/** With the line ends of another system, as old files have them. */
export const rows = (separator: string): string =>
  [
    "/** The cells of one line of the supplier's file. */",
    'export function cells(line) {',
    `  return line.split(${separator}).map((cell) => cell.trim())`,
    '}',
    '',
  ].join('\r\n')

const rowsTest = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells } from '../src/rows.js'

test('splits at commas', () => {
  assert.deepEqual(cells('tea, 250'), ['tea', '250'])
})
`

/** What the sample repository holds before the first pull. */
export const firstFiles: Files = {
  'README.md': '# shop\n\nA small shop, made up for the demo of Quarry.\n',
  '.gitignore': 'node_modules/\n',
  'package.json': manifest({}),
  'package-lock.json': lockfile({}),
  'src/cart.js': cart,
  'src/tax.js': tax,
  'src/price.js': price,
  'src/slug.js': slug,
  'src/stock.js': stock('stock > count', ''),
  'src/image.js': image,
  'src/fmt.js': money(plainFormat),
  'src/rows.js': rows("','"),
  'test/cart.test.js': cartTest,
  'test/price.test.js': priceTest,
  'test/slug.test.js': slugTest,
  'test/fmt.test.js': moneyTest('fmt', ''),
  'test/rows.test.js': rowsTest,
  'spec/tax.spec.js': taxSpec,
}

/** The content of a text file of the repository as it began. */
export function first(path: string): string {
  const content = firstFiles[path]
  if (typeof content !== 'string') throw new Error(`the sample has no text file ${path}`)
  return content
}
