/**
 * Runs one bundle of functions/webhook (`BUNDLE`, with the function's environment) in its own process, so that its cost is
 * measured without the stand-in and the other bundle. Sends a {@link Run} to its parent.
 */
import { mlflowSigned } from '../../test/intake/webhook/signed.ts'
import type { Run } from './webhook.ts'

type Handler = (event: object, context: object) => Promise<{ readonly statusCode: number }>

const { BUNDLE = '', SECRET = '', WARM = '', DELIVERIES = '', FORGERIES = '' } = process.env
const { handler } = (await import(BUNDLE)) as { handler: Handler }
const context = {
  functionName: 'webhook',
  awsRequestId: 'bench',
  memoryLimitInMB: '256',
  getRemainingTimeInMillis: () => 10_000,
}

/** A delivery for a moved alias, as API Gateway passes it on. Created before the measurement. */
function delivery(id: string, secret: string): object {
  const data = { name: 'delay', alias: 'champion', version: '7' }
  const body = JSON.stringify({
    entity: 'model_version_alias',
    action: 'created',
    timestamp: new Date().toISOString(),
    data,
  })
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'python-requests/2.34.2',
    ...mlflowSigned(body, { id, secret }),
  }
  return { version: '2.0', rawPath: '/registries/main', headers, body, isBase64Encoded: false, requestContext: {} }
}

/** One after the other, as in a container of Lambda. */
async function measure(name: string, count: number, secret: string, expected: number) {
  const events = Array.from({ length: count }, (_, i) => delivery(`${name}-${i}`, secret))
  const times: number[] = []
  const before = process.cpuUsage()
  for (const event of events) {
    const began = performance.now()
    const { statusCode } = await handler(event, context)
    times.push(performance.now() - began)
    if (statusCode !== expected) throw new Error(`${name}: answered ${statusCode}, not ${expected}`)
  }
  const { user, system } = process.cpuUsage(before)
  return { times, cpu: (user + system) / 1000 / count }
}

await measure('warm', Number(WARM), SECRET, 204)
const { times, cpu } = await measure('delivery', Number(DELIVERIES), SECRET, 204)
const forged = FORGERIES === '0' ? 0 : (await measure('forgery', Number(FORGERIES), 'wrong', 401)).cpu
process.send!({ times, cpu, forged } satisfies Run)
process.disconnect()
