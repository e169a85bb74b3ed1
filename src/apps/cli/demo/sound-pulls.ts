import { first, lockfile, manifest, money, moneyTest, plainFormat, rows, stock } from './first-files.ts'
import type { SamplePull } from './types.ts'

const ada = { login: 'ada', type: 'User' } as const
const lin = { login: 'lin', type: 'User' } as const

/** A test appended to a file of node:test, or before the end of its `describe`. */
const appended = (path: string, test: string): string => `${first(path)}\n${test}`
const described = (path: string, test: string): string => first(path).replace(/\}\)\n$/, `\n${test}})\n`)

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAEUlEQVR42mP8z8BQz4AEGHFLAACJ9wWBYQb+RwAAAABJRU5ErkJggg==',
  'base64',
)

/** Pulls that become tasks, each of another shape. */
export const soundPulls: readonly SamplePull[] = [
  {
    number: 2,
    title: 'Round discounted prices half up',
    body: 'Fixes #1',
    user: ada,
    style: 'squash',
    issue: {
      number: 1,
      title: 'A discount rounds the wrong way',
      body: '`discounted(999, 50)` gives 499. Half a cent should be rounded up, so it should give 500.',
      hint: 'Our accountant confirms: half up, never down.',
    },
    commits: [
      {
        message: 'Round half up',
        files: {
          'src/cart.js': first('src/cart.js').replace('Math.floor', 'Math.round'),
          'test/cart.test.js': described(
            'test/cart.test.js',
            "  it('rounds half a cent up', () => {\n    assert.equal(discounted(999, 50), 500)\n  })\n",
          ),
        },
      },
    ],
  },
  {
    number: 4,
    title: 'Take a tax rate of zero as given',
    body: 'Closes #3.\n\nThe test is in a commit of its own.',
    user: lin,
    style: 'merge',
    issue: {
      number: 3,
      title: 'Books are taxed at 19 percent',
      body: '`tax(1000, 0)` gives 190. With a rate of 0 there is no tax.',
    },
    commits: [
      {
        message: 'Show that books are taxed',
        files: {
          'spec/tax.spec.js': described(
            'spec/tax.spec.js',
            "  it('is nothing at a rate of zero', () => {\n    assert.equal(tax(1000, 0), 0)\n  })\n",
          ),
        },
      },
      {
        message: 'Take zero as given',
        files: { 'src/tax.js': first('src/tax.js').replace('rate || 19', 'rate ?? 19') },
      },
    ],
  },
  {
    number: 6,
    title: 'Read prices as they are written in Germany',
    body: 'Resolves #5',
    user: ada,
    style: 'rebase',
    issue: { number: 5, title: 'German prices are read wrong', body: "`parsePrice('1.234,50')` should give 123450." },
    commits: [
      {
        message: 'Drop the points between thousands',
        files: {
          'src/price.js': first('src/price.js').replace(
            'parseFloat(text)',
            "parseFloat(text.replace(/\\.(?=\\d{3}\\b)/g, ''))",
          ),
        },
      },
      {
        message: 'Read a decimal comma',
        files: {
          'src/price.js': first('src/price.js').replace(
            'parseFloat(text)',
            "parseFloat(text.replace(/\\.(?=\\d{3}\\b)/g, '').replace(',', '.'))",
          ),
          'test/price.test.js': appended(
            'test/price.test.js',
            "test('reads a decimal comma', () => {\n  assert.equal(parsePrice('1.234,50'), 123450)\n})\n",
          ),
        },
      },
    ],
  },
  {
    number: 8,
    title: 'Write accents out in product addresses',
    body: 'Fixes #7',
    user: lin,
    style: 'squash',
    issue: {
      number: 7,
      title: 'Accents break product addresses',
      body: "`slug('Crème brûlée')` should give `creme-brulee`; today the accents stay, and the link breaks in mails.",
    },
    commits: [
      {
        message: 'Write accents out',
        files: {
          'package.json': manifest({ slugify: '1.6.6' }),
          'package-lock.json': lockfile({ slugify: '1.6.6' }),
          'src/slug.js': `import slugify from 'slugify'\n\n${first('src/slug.js').replace(
            "name.trim().toLowerCase().replaceAll(' ', '-')",
            'slugify(name, { lower: true, trim: true })',
          )}`,
          'test/slug.test.js': appended(
            'test/slug.test.js',
            "test('writes accents out', () => {\n  assert.equal(slug('Crème brûlée'), 'creme-brulee')\n})\n",
          ),
        },
      },
    ],
  },
  {
    number: 10,
    title: 'Sell the last one',
    body: 'Fixes #9',
    user: ada,
    style: 'squash',
    issue: {
      number: 9,
      title: 'The last piece can not be sold',
      body: '`inStock(1, 1)` is false, though one is there.',
    },
    commits: [
      {
        message: 'Sell the last one',
        files: {
          'src/stock.js': stock(
            'stock >= count',
            "\n  test('the last one can be sold', () => {\n    assert.equal(inStock(1, 1), true)\n  })\n",
          ),
        },
      },
    ],
  },
  {
    number: 12,
    title: 'Read the size of images in network order',
    body: 'Fixes GH-11',
    user: lin,
    style: 'squash',
    issue: {
      number: 11,
      title: 'Images are millions of pixels wide',
      body: 'PNG stores width and height with the highest byte first.',
    },
    commits: [
      {
        message: 'Read the highest byte first',
        files: {
          'src/image.js': first('src/image.js').replaceAll('readUInt32LE', 'readUInt32BE'),
          'test/fixtures/pixel.png': pixel,
          'test/image.test.js': `import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { sizeOf } from '../src/image.js'

test('reads the size of a PNG', () => {
  const image = readFileSync(new URL('fixtures/pixel.png', import.meta.url))
  assert.deepEqual(sizeOf(image), { width: 3, height: 2 })
})
`,
        },
      },
    ],
  },
  {
    number: 14,
    title: 'Put the sign before the amount, and give the file a name',
    body: 'Closes: #13',
    user: ada,
    style: 'merge',
    issue: {
      number: 13,
      title: 'Refunds look odd',
      body: 'In `src/money.js` (today `fmt.js`), `format(-5)` should give `-0.05`, with the sign first.',
    },
    commits: [
      {
        message: 'Rename fmt to money',
        files: {
          'src/fmt.js': null,
          'test/fmt.test.js': null,
          'src/money.js': money(plainFormat),
          'test/money.test.js': moneyTest('money', ''),
        },
      },
      {
        message: 'Put the sign before the amount',
        files: {
          'src/money.js': money("(cents < 0 ? '-' : '') + (Math.abs(cents) / 100).toFixed(2)"),
          'test/money.test.js': moneyTest(
            'money',
            "\ntest('writes refunds with their sign', () => {\n  assert.equal(format(-5), '-0.05')\n})\n",
          ),
        },
      },
    ],
  },
  {
    number: 16,
    title: "Split the supplier's lines at semicolons, too",
    body: 'Fixes #15',
    user: lin,
    style: 'squash',
    issue: {
      number: 15,
      title: 'The new supplier uses semicolons',
      body: "`cells('tea; 250')` should give `['tea', '250']`.",
    },
    commits: [
      {
        message: 'Split at semicolons, too',
        files: {
          'src/rows.js': rows('/[,;]/'),
          'test/rows.test.js': appended(
            'test/rows.test.js',
            "test('splits at semicolons', () => {\n  assert.deepEqual(cells('tea; 250'), ['tea', '250'])\n})\n",
          ),
        },
      },
    ],
  },
]
