import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { withStandIns } from '../../cli/stand-ins.ts'
import { resolveLake } from '../../src/reactions/declaration/resolve.ts'

const folder = mkdtempSync(join(tmpdir(), 'landfall-stand-ins-'))
const file = join(folder, 'lake.yml')
afterAll(() => rmSync(folder, { recursive: true }))

const text = `lake: standins
buckets: { lake: flights-lake }
registries:
  main: { mlflow: 'https://mlflow.example.com', secret: s, artifacts: s3://models }
  unity: { databricks: unity-catalog, artifacts: s3://models }
  managed:
    mlflow: https://managed.example.com
    server: arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/team
    artifacts: s3://models
databricks: { host: 'https://dbc.example.com', secret: s }
`

function hosts(standIns: Parameters<typeof withStandIns>[2]): Record<string, string> {
  const resolved = resolveLake(text, file, 'local')
  if (!('lake' in resolved)) throw new Error(JSON.stringify(resolved.problems))
  const { registries } = withStandIns(resolved.lake, file, standIns)
  return Object.fromEntries(Object.entries(registries).map(([name, { host }]) => [name, host]))
}

const declared = {
  main: 'https://mlflow.example.com',
  unity: 'https://dbc.example.com',
  managed: 'https://managed.example.com',
}

test('registries keep the host of lake.yml unless a stand-in is announced', () => {
  expect(hosts({})).toEqual(declared)
  expect(hosts({ databricks: 'http://d', mlflow: 'http://m' })).toEqual({
    ...declared,
    main: 'http://m',
    unity: 'http://d',
  })
})

test('an announced stand-in takes precedence over the deployed lake.json', () => {
  mkdirSync(join(folder, '.landfall/local'), { recursive: true })
  const deployed = { name: 'standins', registries: { main: { host: 'http://deployed' } } }
  writeFileSync(join(folder, '.landfall/local/lake.json'), JSON.stringify(deployed))
  expect(hosts({})).toEqual({ ...declared, main: 'http://deployed' })
  expect(hosts({ mlflow: 'http://m' })).toEqual({ ...declared, main: 'http://m' })
})
