import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { basicAuthorization } from '../../../src/http/basic-auth.ts'
import { jobNotifications } from '../../../src/intake/webhook/job-notifications.ts'
import { webhookSecrets } from '../../../src/intake/webhook/secrets.ts'
import type { Table } from '../../../src/lake/lake.ts'
import { jobWebhooks } from '../../../src/reactions/job/webhook.ts'
import { receive } from '../../../src/intake/webhook/receive.ts'
import { memoryDeliveries } from './deliveries.twin.ts'
import { secretsTwin } from '../../core/secrets.twin.ts'
import { lake } from './world.ts'

const table = (name: string, id: number): Table => ({
  name,
  location: { bucket: 'raw', prefix: name },
  format: 'json',
  partitions: [],
  job: { name: 'clean', id },
})
const tables = { uploads: table('uploads', 42), scans: table('scans', 42), other: table('other', 7) }
const authorization = basicAuthorization('landfall', 'sésame')
const notification = (job_id: unknown) => ({
  event_type: 'jobs.on_success',
  workspace_id: '1',
  run: { run_id: '77' },
  job: { job_id, name: 'clean' },
})

function world() {
  const sent: [string, unknown][] = []
  const notes: string[] = []
  const secrets = secretsTwin({
    databricks: JSON.stringify({ token: 't', notifications: { username: 'landfall', password: 'sésame' } }),
  })
  const ports = {
    sources: jobWebhooks.sources(
      { ...lake, tables },
      webhookSecrets(secrets, () => 0),
      () => 0,
    ),
    deliveries: memoryDeliveries(),
    now: () => 0,
    send: async (reaction: string, wakes: readonly unknown[]) => void sent.push([reaction, wakes]),
    note: (_path: string, code: string) => void notes.push(code),
  }
  const deliver = (
    body: Uint8Array | object,
    headers: Record<string, string> = { authorization },
    path = '/databricks/jobs',
  ) => receive(path, { headers, body: body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body)) }, ports)
  return { sent, notes, ports, secrets, deliver }
}

describe('a job notification', () => {
  test.each([
    ['text', '42'],
    ['a number', 42],
  ])('wakes every table that starts the job, if the job id is %s', async (_what, id) => {
    const { sent, deliver } = world()
    expect(await deliver(notification(id))).toBe(204)
    expect(sent).toEqual([['job', [{ subject: 'table/uploads' }, { subject: 'table/scans' }]]])
  })

  test('of a job that no table starts is accepted and wakes nothing', async () => {
    const { sent, deliver } = world()
    expect(await deliver(notification(8))).toBe(204)
    expect(sent).toEqual([])
  })

  const encoded = Buffer.from('landfall:sésame').toString('base64')
  test.each([
    ['in lower case', `basic ${encoded}`],
    ['in upper case', `BASIC ${encoded}`],
    ['in mixed case', `bASiC ${encoded}`],
    ['before several spaces', `Basic   ${encoded}`],
    ['without padding', `Basic ${encoded.replaceAll('=', '')}`],
  ])('is genuine with the scheme %s', async (_how, authorization) => {
    const { sent, deliver } = world()
    expect(await deliver(notification(42), { authorization })).toBe(204)
    expect(sent.length).toBe(1)
  })

  test.each([
    ['no scheme', encoded],
    ['nothing after the scheme', 'Basic'],
    ['no space', `Basic${encoded}`],
    ['a tab', `Basic\t${encoded}`],
    ['another scheme that contains it', `NotBasic ${encoded}`],
    ['two credentials', `Basic ${encoded} ${encoded}`],
    ['two headers joined', `Basic ${encoded}, Basic ${encoded}`],
    ['credentials that are not encoded', 'Basic landfall:sésame'],
    ['a parameter', `Basic realm="x"`],
  ])('with %s is rejected as forged, without reading a secret', async (_how, authorization) => {
    const { notes, secrets, deliver } = world()
    expect(await deliver(notification(42), { authorization })).toBe(401)
    expect([notes, secrets.reads]).toEqual([['forged'], 0])
  })

  test('is genuine with its own credentials and no others, in either alphabet of base64 and any case of the scheme', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((each) => each.toWellFormed())
    const users = text.map((each) => each.replaceAll(':', ''))
    const schemes = fc.constantFrom('Basic', 'basic', 'BASIC', 'bAsIc')
    await fc.assert(
      fc.asyncProperty(users, text, text, schemes, fc.boolean(), async (username, password, other, scheme, url) => {
        const secrets = secretsTwin({ databricks: JSON.stringify({ notifications: { username, password } }) })
        const matches = webhookSecrets(secrets, () => 0).credentials('databricks')
        const source = jobNotifications(() => [], matches)
        const verdict = (given: string) => {
          const authorization = `${scheme} ${Buffer.from(`${username}:${given}`).toString(url ? 'base64url' : 'base64')}`
          return source.verify({ headers: { authorization }, body: Buffer.from('') })
        }
        expect(await verdict(password)).toBe('genuine')
        expect(await verdict(other)).toBe(other === password ? 'genuine' : 'forged')
      }),
      { numRuns: 500, seed: 20_261_129 },
    )
  })

  test.each([
    ['without credentials', {}],
    ['with a wrong password', { authorization: basicAuthorization('landfall', 'open') }],
    ['with another scheme', { authorization: 'Bearer x' }],
  ])('%s is rejected as forged, without being parsed or queued', async (_how, headers) => {
    const { sent, notes, deliver } = world()
    expect(await deliver(Buffer.from('{nonsense'), headers as Record<string, string>)).toBe(401)
    expect(sent).toEqual([])
    expect(notes).toEqual(['forged'])
  })

  test('that cannot be queued fails, so that its sender retries', async () => {
    const { ports } = world()
    const down = { ...ports, send: () => Promise.reject(new Error('SQS is down')) }
    const body = Buffer.from(JSON.stringify(notification(42)))
    await expect(receive('/databricks/jobs', { headers: { authorization }, body }, down)).rejects.toThrow('SQS is down')
  })

  test('that is too large, has another path, is not UTF-8 or is mistyped is rejected', async () => {
    const { deliver, sent } = world()
    expect(await deliver(Buffer.alloc(1_000_001, 'x'))).toBe(401)
    expect(await deliver(notification(42), { authorization }, '/mlflow')).toBe(401)
    expect(await deliver(notification(42), { authorization }, '/__proto__')).toBe(401)
    expect(await deliver(Buffer.from([0xff, 0xfe]))).toBe(400)
    expect(await deliver({ event_type: 'jobs.on_success', job: { job_id: null } })).toBe(400)
    expect(sent).toEqual([])
  })

  test('with any other body, authorized or not, neither throws nor queues anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.string()), fc.boolean(), async (value, known) => {
        const { deliver, sent } = world()
        const status = await deliver(
          Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
          known ? { authorization } : {},
        )
        expect([400, 401, 204]).toContain(status)
        expect(sent).toEqual([])
      }),
      { numRuns: 2_000, seed: 20_261_122 },
    )
  })
})
