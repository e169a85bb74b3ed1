import { expect, test } from 'vitest'
import { setupsOfImage } from '../../src/ci/image-versions.ts'
import { readImages } from '../../src/ci/images.ts'
import { readCi } from '../../src/ci/read-ci.ts'
import { readToolVersions } from '../../src/ci/tool-versions.ts'
import type { CiJob } from '../../src/ci/types.ts'
import { memoryTree } from '../memory-tree.ts'

const brief = ({ from, linux, services, setups, runs }: CiJob) => [
  from,
  linux,
  services,
  setups.map(({ inputs }) => inputs),
  runs.map(({ text, directory, variables }) => [text, directory, variables]),
]

test('the version that an image is made for', () => {
  const version = (image: string) => setupsOfImage(image).flatMap(({ inputs }) => Object.values(inputs).flat())
  expect(
    [
      'python:3.12-slim',
      'host.example:5000/x/devcontainers/go:1-1.22-bookworm',
      'cimg/ruby:3.3.0',
      'maven:3.9-eclipse-temurin-17',
      'openjdk:8u292-jdk',
    ].map(version),
  ).toEqual([['3.12'], ['1.22'], ['3.3.0'], ['17'], ['8']])
  expect(['rust:latest', 'ubuntu:22.04', 'python', '', '@'].map(version)).toEqual([[], [], [], [], []])
})

test('a Dockerfile’s stages are read as jobs', async () => {
  const files = {
    'docker/Dockerfile.dev': `# syntax=x
ARG VERSION=3.12
FROM --platform=linux/amd64 python:\${VERSION}-slim AS base
ENV A=1 B="two words"
WORKDIR /app
RUN --mount=type=cache,target=/x pip install \\
    # why
    -r requirements.txt \\
    && echo $A
FROM base
WORKDIR /app/sub
RUN ["pytest", "-k", "a b"]
RUN <<EOF
make
make test
EOF
CMD pytest`,
    'src/Dockerfile': 'FROM go:1',
  }
  const variables = { VERSION: '3.12', A: '1', B: 'two words' }
  const jobs = await readImages(memoryTree(files))
  expect(jobs.map(brief)).toEqual([
    [
      'docker/Dockerfile.dev stage base',
      true,
      [],
      [{ 'python-version': ['3.12'] }],
      [[expect.stringMatching(/^pip install {2,}\\? *-r requirements.txt +&& echo \$A$/), '.', variables]],
    ],
    [
      'docker/Dockerfile.dev stage 1',
      true,
      [],
      [{ 'python-version': ['3.12'] }],
      [
        ["pytest -k 'a b'", 'sub', variables],
        ['make\nmake test', 'sub', variables],
      ],
    ],
  ])
  expect(jobs.map(({ container }) => container)).toEqual(['python:3.12-slim', 'python:3.12-slim'])
})

test('devcontainer.json: image, features, commands', async () => {
  const text = `{ // comment
    "image": "example/devcontainers/python:1-3.11",
    "features": { "x/features/go:1": { "version": "1.22" }, "x/features/node:1": "20", "x/features/rust": { "version": "latest" } },
    "containerEnv": { "A": "1", "B": "\${localEnv:HOME}" },
    "postCreateCommand": { "a": "pip install -e .", "b": ["go", "mod", "download"] },
  }`
  expect((await readImages(memoryTree({ '.devcontainer/devcontainer.json': text }))).map(brief)).toEqual([
    [
      '.devcontainer/devcontainer.json',
      true,
      [],
      [{ 'python-version': ['3.11'] }, { 'go-version': ['1.22'] }, { 'node-version': ['20'] }],
      [
        ['pip install -e .', '.', { A: '1' }],
        ['go mod download', '.', { A: '1' }],
      ],
    ],
  ])
})

test('files of version managers', async () => {
  const files = {
    '.tool-versions': 'nodejs 20.1.0 18 # old\n\n# none\ngolang 1.22.1\npython system\n',
    'mise.toml': '[tools]\npython = ["3.12", "3.11"]\njava = { version = "21" }\nrust = 1\n',
    '.sdkmanrc': '# x\njava=17.0.2-tem\nmaven = 3.9.6',
  }
  expect(
    (await readToolVersions(memoryTree(files))).map(({ tool, version, from }) => `${tool} ${version} ${from}`),
  ).toEqual([
    'node 20.1.0 .tool-versions',
    'go 1.22.1 .tool-versions',
    'python 3.12 mise.toml',
    'java 21 mise.toml',
    'rust 1 mise.toml',
    'java 17.0.2-tem .sdkmanrc',
    'maven 3.9.6 .sdkmanrc',
  ])
})

test('CircleCI, GitLab, Cirrus and Azure as lists of commands', async () => {
  const files = {
    '.circleci/config.yml': `
parameters: { version: { default: "3.12" } }
executors: { main: { docker: [{ image: "cimg/python:<< pipeline.parameters.version >>" }, { image: postgres:16 }], environment: { A: 1 } } }
commands: { prepare: { steps: [{ run: pip install tox }] } }
jobs:
  test: { executor: main, working_directory: ~/repo, steps: [checkout, prepare, { run: { command: tox, working_directory: sub, environment: { B: 2 } } }] }
  mac: { macos: { xcode: 15 }, steps: [] }`,
    '.gitlab-ci.yml': `
image: golang:1.22
variables: { A: "1" }
.base: { before_script: [go mod download], variables: { B: "2" } }
unit: { extends: .base, services: [{ name: redis }], script: [[go vet], go test ./...] }
stages: [x]`,
    '.cirrus.yml':
      'linux_task: { container: { image: "rust:1.75" }, test_script: [cargo test] }\nbsd_task: { freebsd_instance: { x: 1 }, test_script: cargo test }',
    'azure-pipelines.yml':
      'pool: { vmImage: ubuntu-22.04 }\njobs: [{ job: unit, variables: { A: 1 }, steps: [{ script: mvn test, workingDirectory: core }, { task: X }] }, { job: win, pool: { vmImage: windows-2022 } }]',
  }
  expect((await readCi(memoryTree(files))).map(brief)).toEqual([
    [
      '.circleci/config.yml job test',
      true,
      ['postgres:16'],
      [{ 'python-version': ['3.12'] }],
      [
        ['pip install tox', '.', { A: '1' }],
        ['tox', 'sub', { A: '1', B: '2' }],
      ],
    ],
    ['.circleci/config.yml job mac', false, [], [], []],
    [
      '.gitlab-ci.yml job unit',
      true,
      ['redis'],
      [{ 'go-version': ['1.22'] }],
      [
        ['go mod download', '.', { A: '1', B: '2' }],
        ['go vet', '.', { A: '1', B: '2' }],
        ['go test ./...', '.', { A: '1', B: '2' }],
      ],
    ],
    ['.cirrus.yml linux_task', true, [], [{ toolchain: ['1.75'] }], [['cargo test', '.', {}]]],
    ['.cirrus.yml bsd_task', false, [], [], [['cargo test', '.', {}]]],
    ['azure-pipelines.yml job unit', true, [], [], [['mvn test', 'core', { A: '1' }]]],
    ['azure-pipelines.yml job win', false, [], [], []],
  ])
})

test('what is broken is passed over', async () => {
  const odd = {
    '.circleci/config.yml': 'jobs: [1]\ncommands: 3',
    '.gitlab-ci.yml': 'a: { extends: a, script: { x: 1 } }\nb: [x]',
    '.cirrus.yml': '[',
    'azure-pipelines.yml': 'jobs: { a: 1 }\nstages: 3',
    Dockerfile: '\0FROM\nRUN\nRUN <<EOF\n\\\n',
    'devcontainer.json': '{',
    '.devcontainer.json': '[{',
    '.tool-versions': '\0',
    'mise.toml': '= x',
    '.sdkmanrc': '===',
  }
  expect((await readCi(memoryTree(odd))).flatMap(({ runs }) => runs)).toEqual([])
  expect((await readImages(memoryTree(odd))).flatMap(({ runs }) => runs)).toEqual([])
  expect((await readToolVersions(memoryTree(odd))).filter(({ from }) => from !== '.tool-versions')).toEqual([])
})
