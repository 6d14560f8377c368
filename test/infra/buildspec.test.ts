import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { parse } from 'yaml'

interface Buildspec {
  readonly phases: Readonly<Record<string, { readonly commands: readonly string[] }>>
}

const REPOSITORY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/landfall-models-prod-mlflow'
const { phases } = parse(
  readFileSync(new URL('../../infra/sagemaker/image/buildspec.yml', import.meta.url), 'utf8'),
) as Buildspec
let folder = ''

/** Fake commands that record their calls and fail on demand. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'landfall-buildspec-'))
  for (const name of ['aws', 'docker', 'mlflow', 'python']) {
    const says = name === 'python' ? 'if [ "$1" = -c ]; then [ "$FAILS" != base ] && echo ubuntu:24.04; fi' : ''
    const body = `#!/bin/bash\nprintf '%s\\n' "${name} $*" >> ${folder}/calls\n[ "$FAILS" != ${name} ] || exit 1\n${says}\n`
    writeFileSync(join(folder, name), body)
    chmodSync(join(folder, name), 0o755)
  }
  writeFileSync(join(folder, 'calls'), '')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Runs it like CodeBuild: a failing command ends its phase and the build, but post_build still follows a failed build phase. */
function run(version: string, fails = ''): { readonly succeeded: boolean; readonly calls: string[] } {
  const env = {
    PATH: `${folder}:/usr/bin:/bin`,
    MLFLOW_VERSION: version,
    REPOSITORY,
    REGISTRY: 'registry',
    FAILS: fails,
  }
  const phase = (name: string, succeeding: boolean): boolean =>
    phases[name]!.commands.every(
      (command) =>
        spawnSync('bash', ['-c', command], { env: { ...env, CODEBUILD_BUILD_SUCCEEDING: succeeding ? '1' : '0' } })
          .status === 0,
    )
  let succeeded = phase('install', true) && phase('pre_build', true)
  if (succeeded) {
    succeeded = phase('build', true)
    succeeded = phase('post_build', succeeded) && succeeded
  }
  return {
    succeeded,
    calls: execFileSync('cat', [join(folder, 'calls')], { encoding: 'utf8' })
      .trim()
      .split('\n'),
  }
}

test("a build pushes MLflow's container with the MLflow version as its tag", () => {
  const { succeeded, calls } = run('3.17.2')
  expect(succeeded).toBe(true)
  expect(calls).toContain('python -m pip install --quiet --disable-pip-version-check mlflow==3.17.2')
  expect(calls).toContain('docker tag public.ecr.aws/docker/library/ubuntu:24.04 ubuntu:24.04')
  expect(calls.slice(-2)).toEqual([
    `mlflow sagemaker build-and-push-container --build --no-push --container ${REPOSITORY}:3.17.2`,
    `docker push --quiet ${REPOSITORY}:3.17.2`,
  ])
})

test.each(['', 'latest', '3.17.2 --index-url https://evil.test', '3.17.2; id', '$(id)'])(
  'a build for the invalid version %j ends before anything is installed',
  (version) => {
    expect(run(version)).toEqual({ succeeded: false, calls: [''] })
  },
)

test('a failed build pushes nothing', () => {
  const { succeeded, calls } = run('3.17.2', 'mlflow')
  expect(succeeded).toBe(false)
  expect(calls.filter((call) => call.startsWith('docker push'))).toEqual([])
})

test('a version of MLflow that does not name its base image is built on the one that it used', () => {
  const { succeeded, calls } = run('1.30.0', 'base')
  expect(succeeded).toBe(true)
  expect(calls).toContain('docker pull --quiet public.ecr.aws/docker/library/ubuntu:20.04')
})
