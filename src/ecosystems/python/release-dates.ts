/** When the first stable release of each line of CPython came out (peps.python.org: the release schedules). */
const released: Readonly<Record<string, string>> = {
  '2.7': '2010-07-03',
  '3.4': '2014-03-16',
  '3.5': '2015-09-13',
  '3.6': '2016-12-23',
  '3.7': '2018-06-27',
  '3.8': '2019-10-14',
  '3.9': '2020-10-05',
  '3.10': '2021-10-04',
  '3.11': '2022-10-24',
  '3.12': '2023-10-02',
  '3.13': '2024-10-07',
  '3.14': '2025-10-07',
}

/** The lines of CPython, newest first. Those after the last known are taken to come every October. */
export const pythonLines: readonly string[] = Object.keys(released)
  .toReversed()
  .toSorted((a, b) => lineNumber(b) - lineNumber(a))

/** `3.10` → 310, so that lines can be put in order. */
export function lineNumber(line: string): number {
  const [major = '0', minor = '0'] = line.split('.')
  return Number(major) * 100 + Number(minor)
}

/** `3.9` of `3.9.18`. */
export function lineOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

/** Whether a line was out on a day; an unknown one is as new as today. */
export function wasOut(line: string, on: Date): boolean {
  const day = released[line]
  return day === undefined ? false : Date.parse(day) <= on.getTime()
}
