import type { Files, Sample } from './types.ts'

const gem = (name: string): Files => ({
  'cart.gemspec': `Gem::Specification.new do |spec|
  spec.name = 'cart'
  spec.version = '1.0.0'
  spec.summary = 'A cart'
  spec.authors = ['Ada']
  spec.add_development_dependency '${name}'
end
`,
  Gemfile: "source 'https://gems.shop.invalid'\ngemspec\n",
  'lib/cart.rb': 'class Cart\n  def total(*prices)\n    prices.sum\n  end\nend\n',
})
const rake = {
  Rakefile:
    "require 'rake/testtask'\n\nRake::TestTask.new do |t|\n  t.libs << 'test'\n  t.pattern = 'test/**/*_test.rb'\nend\ntask default: :test\n",
}
const broken = 'Nothing.here\n'
const asOf = '2026-06-01'

export const rubySamples: readonly Sample[] = [
  {
    ...{ framework: 'rspec', name: '3.12', asOf },
    files: {
      ...gem('rspec'),
      '.rspec': '--require spec_helper\n--order random\n--fail-fast\n',
      'spec/spec_helper.rb': "require 'cart'\n",
      'spec/broken_spec.rb': broken,
      'spec/cart_spec.rb': `RSpec.shared_examples 'a sum' do |expected|
  it('adds up') { expect(subject.total(*prices)).to eq expected }
end

RSpec.describe Cart do
  context 'with two lines' do
    let(:prices) { [1, 2] }
    it_behaves_like 'a sum', 3
    include_examples 'a sum', 4
  end

  it { expect(1).to eq 2 }
  it { is_expected.to be_a Cart }
  it 'is not written yet'
  xit('waits') { raise 'never' }
  it('skips itself') { skip 'now' }
  it('is known to fail') { pending 'a bug'; raise 'as it should' }
  it('is no longer known to fail') { pending 'a bug' }
  it('twice') { }
  it('twice') { raise 'the second' }
  context 'with a broken start' do
    before { raise 'no start' }
    it('never begins') { }
  end
  context 'with a broken beginning of all' do
    before(:all) { raise 'no start' }
    it('never begins') { }
  end
end
`,
    },
    expected: {
      'spec/broken_spec.rb': 'errored',
      'spec/cart_spec.rb > Cart > with two lines > behaves like a sum > adds up': 'passed',
      'spec/cart_spec.rb > Cart > with two lines > adds up': 'failed',
      'spec/cart_spec.rb > Cart > example in line 12': 'failed',
      'spec/cart_spec.rb > Cart > example in line 13': 'passed',
      'spec/cart_spec.rb > Cart > is not written yet': 'skipped',
      'spec/cart_spec.rb > Cart > waits': 'skipped',
      'spec/cart_spec.rb > Cart > skips itself': 'skipped',
      'spec/cart_spec.rb > Cart > is known to fail': 'skipped',
      'spec/cart_spec.rb > Cart > is no longer known to fail': 'failed',
      'spec/cart_spec.rb > Cart > twice': 'passed',
      'spec/cart_spec.rb > Cart > twice (2)': 'failed',
      'spec/cart_spec.rb > Cart > with a broken start > never begins': 'failed',
      'spec/cart_spec.rb > Cart > with a broken beginning of all > never begins': 'failed',
    },
  },
  {
    ...{ framework: 'minitest', name: '5.15', asOf },
    files: {
      ...gem('minitest'),
      ...rake,
      'test/test_helper.rb': "require 'cart'\nrequire 'minitest/autorun'\n",
      'test/broken_test.rb': `require 'test_helper'\n${broken}`,
      'test/cart_test.rb': `require 'test_helper'

class CartTest < Minitest::Test
  def test_adds
    assert_equal 3, Cart.new.total(1, 2)
  end

  def test_fails
    assert_equal 4, Cart.new.total(1, 2)
  end

  def test_errs
    raise 'as it should'
  end

  def test_waits
    skip 'later'
  end
end

class NoStartTest < Minitest::Test
  def setup
    raise 'no start'
  end

  def test_never_begins
  end
end

class NoEndTest < Minitest::Test
  def teardown
    raise 'no end'
  end

  def test_ends_badly
  end
end

describe Cart do
  it('adds') { _(Cart.new.total(1)).must_equal 1 }
  it('is not written yet')
  describe 'empty' do
    it('fails') { _(Cart.new.total).must_equal 1 }
  end
end
`,
    },
    expected: {
      'test/broken_test.rb': 'errored',
      'test/cart_test.rb > CartTest > test_adds': 'passed',
      'test/cart_test.rb > CartTest > test_fails': 'failed',
      'test/cart_test.rb > CartTest > test_errs': 'failed',
      'test/cart_test.rb > CartTest > test_waits': 'skipped',
      'test/cart_test.rb > NoStartTest > test_never_begins': 'failed',
      'test/cart_test.rb > NoEndTest > test_ends_badly': 'failed',
      'test/cart_test.rb > Cart > adds': 'passed',
      'test/cart_test.rb > Cart > is not written yet': 'skipped',
      'test/cart_test.rb > Cart > empty > fails': 'failed',
    },
  },
  {
    ...{ framework: 'test-unit', name: '3.5', asOf },
    files: {
      ...gem('test-unit'),
      ...rake,
      'test/test_helper.rb': "require 'cart'\nrequire 'test/unit'\n",
      'test/broken_test.rb': `require 'test_helper'\n${broken}`,
      'test/cart_test.rb': `require 'test_helper'

class CartTest < Test::Unit::TestCase
  def test_adds
    assert_equal 3, Cart.new.total(1, 2)
  end

  def test_fails
    assert_equal 4, Cart.new.total(1, 2)
  end

  def test_errs
    raise 'as it should'
  end

  test('waits') { pend 'later' }
  test('is left out') { omit 'here' }

  data('one' => 1, 'two' => 2)
  def test_each(price)
    assert_equal 1, Cart.new.total(price)
  end

  sub_test_case 'inside' do
    test('adds') { assert_equal 0, Cart.new.total }
  end
end

class NoStartTest < Test::Unit::TestCase
  setup { raise 'no start' }

  def test_never_begins
  end
end
`,
    },
    expected: {
      'test/broken_test.rb': 'errored',
      'test/cart_test.rb > CartTest > test_adds': 'passed',
      'test/cart_test.rb > CartTest > test_fails': 'failed',
      'test/cart_test.rb > CartTest > test_errs': 'failed',
      'test/cart_test.rb > CartTest > waits': 'skipped',
      'test/cart_test.rb > CartTest > is left out': 'skipped',
      'test/cart_test.rb > CartTest > test_each[one]': 'passed',
      'test/cart_test.rb > CartTest > test_each[two]': 'failed',
      'test/cart_test.rb > CartTest::inside > adds': 'passed',
      'test/cart_test.rb > NoStartTest > test_never_begins': 'failed',
    },
  },
]
