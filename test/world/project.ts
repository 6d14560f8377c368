import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = new URL('../../', import.meta.url).pathname
const run = promisify(execFile)

/** A copy of the project with a lake of its own, so that no other deploy shares its folders. */
export async function projectWith(lakeYml: string) {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-deploy-'))
  for (const part of ['cli', 'functions', 'infra', 'src', 'serverless.yml', 'package.json', 'tsconfig.json'])
    await cp(join(root, part), join(folder, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'lake.yml'), lakeYml)
  return {
    folder,
    lakeFile: join(folder, 'lake.yml'),

    /** Runs `serverless ARGS` in the copy, against the emulator in the environment. */
    async serverless(...args: string[]): Promise<{ readonly status: number; readonly output: string }> {
      const env = { ...process.env, SLS_NOTIFICATIONS_MODE: 'off', SLS_AWS_MONITORING_FREQUENCY: '100', NO_COLOR: '1' }
      const cli = join(root, 'node_modules/.bin/serverless')
      try {
        const { stdout, stderr } = await run(process.execPath, ['--no-warnings', cli, ...args], {
          cwd: folder,
          env,
          timeout: 80_000,
        })
        return { status: 0, output: stdout + stderr }
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
        return { status: code, output: stdout + stderr }
      }
    },

    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
