import type { Sample } from './types.ts'

export const rustSamples: readonly Sample[] = [
  {
    framework: 'cargo-test',
    name: 'whole',
    asOf: '2026-06-01',
    files: {
      'Cargo.toml':
        '[package]\nname = "cart"\nversion = "1.2.3"\nedition = "2021"\n\n[[test]]\nname = "own"\nharness = false\n',
      'src/lib.rs': `pub mod line;

pub fn total(lines: &[u32]) -> u32 {
    lines.iter().sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn adds() {
        assert_eq!(super::total(&[1, 2]), 3);
    }
    #[test]
    fn fails() {
        panic!("as it should");
    }
    #[test]
    #[ignore = "later"]
    fn waits() {}
    #[test]
    #[should_panic(expected = "no such line")]
    fn panics() {
        panic!("no such line");
    }
    #[test]
    #[should_panic]
    fn does_not_panic() {}
    #[test]
    fn gives_an_error() -> Result<(), String> {
        Err("wrong".into())
    }
    mod inside {
        #[test]
        fn prints() {
            println!("{{ \\"type\\": \\"test\\", \\"event\\": \\"ok\\", \\"name\\": \\"tests::fails\\" }}");
        }
    }
}
`,
      'src/line.rs': '#[cfg(test)]\nmod tests {\n    #[test]\n    fn is_in_its_own_file() {}\n}\n',
      'tests/whole.rs':
        'mod deep {\n    #[test]\n    fn works() {\n        assert_eq!(cart::total(&[]), 0);\n    }\n}\n',
      'tests/broken.rs': '#[test]\nfn never() {\n    cart::not_there();\n}\n',
      'tests/aborts.rs':
        '#[test]\nfn a() {}\n#[test]\nfn aborts() {\n    std::process::abort();\n}\n#[test]\nfn z() {}\n',
      'tests/own.rs': 'fn main() {\n    assert_eq!(cart::total(&[2]), 2);\n}\n',
      'tests/none.rs': '// Nothing here.\n',
    },
    expected: {
      'src/lib.rs > tests > adds': 'passed',
      'src/lib.rs > tests > does_not_panic': 'failed',
      'src/lib.rs > tests > fails': 'failed',
      'src/lib.rs > tests > gives_an_error': 'failed',
      'src/lib.rs > tests > inside > prints': 'passed',
      'src/lib.rs > tests > panics': 'passed',
      'src/lib.rs > tests > waits': 'skipped',
      'src/line.rs > line > tests > is_in_its_own_file': 'passed',
      'tests/aborts.rs > a': 'passed',
      'tests/aborts.rs > aborts': 'failed',
      'tests/aborts.rs > z': 'passed',
      'tests/broken.rs': 'errored',
      'tests/own.rs > own': 'passed',
      'tests/whole.rs > deep > works': 'passed',
    },
  },
]
