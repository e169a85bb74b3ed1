import type { Reason } from '../model/index.ts'
import { attemptWith, listed, told, withDetail } from './evidence.ts'
import type { Wording } from './refusal-words.ts'

const state = 'Say how under `environment` in `.github/quarry.yml`.'

/** Why nothing could be installed or built. */
export const environmentWords = {
  'no-ecosystem': (evidence) => ({
    title: 'No project that Quarry knows',
    explanation: withDetail(
      'At the root of the repository is no manifest of a kind that Quarry can install.',
      'It knows',
      listed(evidence, 'known'),
    ),
    mend: 'Nothing can be mined until Quarry knows this kind of project.',
  }),
  'no-test-framework': (evidence) => ({
    title: 'No test framework that Quarry knows',
    explanation: withDetail(
      'Nothing in the scripts or the workflows starts a test framework whose results Quarry can read.',
      'Seen:',
      listed(attemptWith(evidence, 'no-test-framework'), 'programs'),
    ),
    mend: 'Name the command under `environment.test` in `.github/quarry.yml`.',
  }),
  'toolchain-not-available': (evidence) => ({
    title: 'A tool is not to be had',
    explanation: withDetail(
      'A version of a tool that the repository asks for can not be brought.',
      'The cause:',
      told(attemptWith(evidence, 'toolchain-not-available'), 'detail'),
    ),
    mend: 'Name a version that is to be had, under `environment.toolchain` in `.github/quarry.yml` or in the version file.',
  }),
  'package-not-available': (evidence) => ({
    title: 'A package is not to be had',
    explanation: withDetail(
      'A dependency could not be fetched from the package registries.',
      'It is',
      told(attemptWith(evidence, 'package-not-available'), 'detail'),
    ),
    mend: 'Depend on published packages. For private registries, whoever runs Quarry has to give it access.',
  }),
  'install-failed': (evidence) => ({
    title: 'The dependencies could not be installed',
    explanation: withDetail(
      'No way to install worked.',
      'The first error:',
      told(attemptWith(evidence, 'install-failed'), 'detail'),
    ),
    mend: `Commit a lockfile that fits the manifest. ${state}`,
  }),
  'build-failed': (evidence) => {
    const attempt = attemptWith(evidence, 'build-failed')
    const error = told(attempt, 'detail')
    const [lead, what] = error === null ? ['The command:', told(attempt, 'command')] : ['The first error:', error]
    return {
      title: 'The build failed',
      explanation: withDetail('The state after the merge could not be built.', lead, what),
      mend: state,
    }
  },
  'needs-service': (evidence) => ({
    title: 'The tests need a service',
    explanation: withDetail(
      'Tests run without any server beside them, and these ask for one.',
      'The sign:',
      told(attemptWith(evidence, 'needs-service'), 'detail'),
    ),
    mend: 'Name a command that runs only the tests without a service, under `environment.test` in `.github/quarry.yml`.',
  }),
  'environment-too-large': () => ({
    title: 'The dependencies are too large',
    explanation: 'The installed dependencies take more disk than one environment may.',
    mend: 'Install less: name the commands under `environment.install` in `.github/quarry.yml`.',
  }),
  'environment-timeout': (evidence) => ({
    title: 'The installation took too long',
    explanation: withDetail(
      'Installing did not come to its end in time.',
      'The command:',
      told(attemptWith(evidence, 'environment-timeout'), 'command'),
    ),
    mend: 'Install less: name the commands under `environment.install` in `.github/quarry.yml`.',
  }),
} satisfies Partial<Record<Reason, Wording>>
