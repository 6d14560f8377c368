import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { clientEnvironment } from '../../../local/cloud/emulator.ts'
import { saveEndpoint, savedStandIns, removeEndpoint, useLocalEndpoint } from '../../../local/cloud/endpoint.ts'

const folder = mkdtempSync(join(tmpdir(), 'landfall-endpoint-'))
const file = join(folder, 'local/endpoint.json')
const server = createServer((_, response) => response.end())
const kept = { ...process.env }
let endpoint: string

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

/** The environment of a user who also works with a real account. */
beforeEach(() => {
  Object.assign(process.env, { AWS_PROFILE: 'real', AWS_ACCESS_KEY_ID: 'AKIAREAL', AWS_SESSION_TOKEN: 'real' })
  delete process.env['AWS_ENDPOINT_URL']
})
afterEach(() => {
  rmSync(file, { force: true })
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, kept)
})

const aws = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')))
const emulator = (at = endpoint) => ({ endpoint: at, environment: clientEnvironment(at) })

describe('a command for the stage local', () => {
  test('finds the running emulator, and uses nothing of a real account', async () => {
    saveEndpoint(emulator(), file)
    await useLocalEndpoint(file)
    expect(aws()).toEqual(clientEnvironment(endpoint))
  })

  test('prefers AWS_ENDPOINT_URL, and uses nothing of a real account there either', async () => {
    saveEndpoint(emulator(), file)
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1'
    await useLocalEndpoint(file)
    expect(aws()).toEqual(clientEnvironment('http://127.0.0.1:1'))
  })

  test('says what to start if nothing is running, or if it was killed', async () => {
    await expect(useLocalEndpoint(file)).rejects.toThrow("start it with 'npm start'")
    saveEndpoint(emulator('http://127.0.0.1:1'), file)
    await expect(useLocalEndpoint(file)).rejects.toThrow('http://127.0.0.1:1 does not answer')
    expect(aws()).toMatchObject({ AWS_PROFILE: 'real' })
  })

  test('ignores an emulator that has ended, and finds one that was started since', async () => {
    saveEndpoint(emulator('http://127.0.0.1:1'), file)
    saveEndpoint(emulator(), file)
    removeEndpoint({ endpoint: 'http://127.0.0.1:1' }, file)
    await useLocalEndpoint(file)
    removeEndpoint({ endpoint }, file)
    delete process.env['AWS_ENDPOINT_URL']
    await expect(useLocalEndpoint(file)).rejects.toThrow('no local cloud is running')
  })
})

test('the systems beside an emulator are those of this one and of no other', () => {
  const standIns = { databricks: 'http://127.0.0.1:2', mlflow: 'http://127.0.0.1:3' }
  expect(savedStandIns(endpoint, file)).toEqual({})
  saveEndpoint(emulator(), file)
  expect(savedStandIns(endpoint, file)).toEqual({})
  saveEndpoint({ ...emulator(), standIns }, file)
  expect(savedStandIns(endpoint, file)).toEqual(standIns)
  expect(savedStandIns('http://127.0.0.1:1', file)).toEqual({})
  expect(savedStandIns(undefined, file)).toEqual({})
})
