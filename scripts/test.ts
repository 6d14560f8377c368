/**
 * All tests, or the named groups: `node scripts/run.js scripts/test.ts [check] [unit] [integration] [peers] [fuzz] [JEST OPTIONS]`.
 * Continues after a failure and ends with the line `N passed, N failed`. Exits with 1 unless all passed.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

interface Count {
  readonly passed: number
  readonly failed: number
}

const ROOT = join(import.meta.dirname, '..')
const bin = (name: string): string => join(ROOT, 'node_modules/.bin', name)
const suites = ['unit', 'integration', 'peers', 'fuzz'] as const

type Command = readonly [program: string, ...args: string[]]

/** The lakes whose templates are checked: the example, and one that uses what the example does not. */
const lakes: Readonly<Record<string, string>> = {
  '.landfall/package': 'lake.yml',
  '.landfall/package-with-key': 'test/fixtures/lakes/with-key.yml',
}
const templates = Object.keys(lakes).map((folder) => `${folder}/cloudformation-template-update-stack.json`)

/** Checks that do not run the code. Each counts as one test: commands that run one after the other. */
const checks: Readonly<Record<string, readonly Command[]>> = {
  lint: [[process.execPath, bin('oxlint'), '--type-aware']],
  // No export without a user in another file.
  exports: [[process.execPath, bin('knip'), '--include', 'exports,types,files']],
  types: [[process.execPath, bin('tsc'), '--noEmit', '-p', '.']],
  format: [[process.execPath, bin('prettier'), '--check', '--log-level=warn', '.']],
  // One after the other, since packaging writes into folders that all lakes share.
  template: [
    ...Object.entries(lakes).map(([folder, lake]): Command => {
      const options = ['--stage', 'prod', '--region', 'eu-central-1', '--param', `lake=${lake}`]
      return [process.execPath, bin('serverless'), 'package', ...options, '--package', folder]
    }),
    // The emulator ignores unknown properties, so the templates are checked against AWS's schemas. osls causes W3005.
    [join(ROOT, '.venv/bin/cfn-lint'), '--ignore-checks=W3005', '--', ...templates],
    [process.execPath, join(ROOT, 'scripts/bootstrap.js'), 'checkov'],
    [process.execPath, join(ROOT, 'scripts/checkov.ts'), ...templates],
  ],
}

async function check(): Promise<Count> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, commands]) => {
      const started = Date.now()
      let [status, output] = [0, '']
      for (const command of commands) if (status === 0) ({ status, output } = await run(command, 'pipe'))
      const took = `${((Date.now() - started) / 1000).toFixed(1)} s`
      console.log(status === 0 ? `  ✓ ${name} (${took})` : `  ✗ ${name} (${took})\n${output}`)
      return status === 0
    }),
  )
  const passed = results.filter(Boolean).length
  return { passed, failed: results.length - passed }
}

async function jest(project: string, options: readonly string[]): Promise<Count> {
  const report = join(ROOT, `.landfall/test-${project}.json`)
  mkdirSync(join(ROOT, '.landfall'), { recursive: true })
  rmSync(report, { force: true })
  const args = [bin('jest'), '--selectProjects', project, '--json', `--outputFile=${report}`, ...options]
  const node = [process.execPath, '--experimental-vm-modules', '--no-warnings'] as const
  const { status } = await run([...node, ...args], 'ignore')
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const result = JSON.parse(readFileSync(report, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numRuntimeErrorTestSuites: number
  }
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites
  // jest can fail without a failed test: no tests found, a teardown that failed.
  return { passed: result.numPassedTests, failed: status !== 0 && failed === 0 ? 1 : failed }
}

/** jest's report goes to stderr. The JSON that it also prints is dropped. */
async function run(
  [program, ...args]: Command,
  stdout: 'pipe' | 'ignore',
): Promise<{ readonly status: number; readonly output: string }> {
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['ignore', stdout, stdout === 'pipe' ? 'pipe' : 'inherit'],
    // oxlint prints colours wherever CI is set, even with NO_COLOR.
    env: stdout === 'pipe' ? { ...process.env, NO_COLOR: '1', CI: undefined } : process.env,
  })
  const output: Buffer[] = []
  child.stdout?.on('data', (data: Buffer) => output.push(data))
  child.stderr?.on('data', (data: Buffer) => output.push(data))
  const status = await new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? 1))
  })
  return { status, output: Buffer.concat(output).toString() }
}

const given = process.argv.slice(2)
const groups = given.filter((arg) => arg === 'check' || suites.some((suite) => suite === arg))
const options = given.filter((arg) => !groups.includes(arg))
const started = Date.now()
const counts: Count[] = []
for (const group of groups.length === 0 ? ['check', ...suites] : groups) {
  console.log(`\n${group}`)
  counts.push(group === 'check' ? await check() : await jest(group, options))
}
const total = (of: keyof Count): number => counts.reduce((sum, count) => sum + count[of], 0)
console.log(`\nin ${Math.round((Date.now() - started) / 1000)} s`)
console.log(`${total('passed')} passed, ${total('failed')} failed`)
process.exitCode = total('failed') === 0 ? 0 : 1
