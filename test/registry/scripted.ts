import { httpClient } from '../../src/http/http.ts'
import { registry, registryApi } from '../../src/registry/client.ts'
import type { RegistrySettings } from '../../src/registry/settings.ts'
import { secretsTwin } from '../core/secrets.twin.ts'

export const HOST = 'https://mlflow.example'
export const mlflow: RegistrySettings = {
  kind: 'mlflow',
  host: HOST,
  secret: 'landfall/mlflow',
  artifacts: { bucket: 'models', prefix: 'mlflow' },
}
export const BASIC = JSON.stringify({ username: 'ada', password: 'hush:ü', webhook: ['current', 'previous'] })
export const champion = { alias: 'champion' }

interface Call {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}
export const json = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status })
export const error = (status: number, error_code: string, message = 'said'): Response =>
  json(status, { error_code, message })
export const version = (number: string | number, more = {}): object => ({
  name: 'delay',
  version: number,
  source: `models:/m-${number}`,
  status: 'READY',
  ...more,
})
export const found = (number = '1', more = {}): Response => json(200, { model_version: version(number, more) })

/** A registry with scripted responses. */
export function world(script: (Response | Error)[], settings: RegistrySettings = mlflow, secret = BASIC) {
  const calls: Call[] = []
  const clock = { now: Date.UTC(2026, 10, 22, 12) }
  const secrets = secretsTwin({ 'landfall/mlflow': secret })
  const http = httpClient({
    fetch: async (url, init) => {
      calls.push({
        method: init?.method ?? '',
        url: String(url instanceof Request ? url.url : url),
        headers: init?.headers as Record<string, string>,
        body: (init?.body ?? '') as string,
      })
      const answer = script.shift()
      if (answer === undefined) throw new Error('the script has ended')
      if (answer instanceof Error) throw answer
      return answer
    },
    now: () => clock.now,
    sleep: async () => undefined,
  })
  const aws = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    sessionToken: 'session/token==',
  }
  const options = { secrets, http, now: () => clock.now, aws }
  return { models: registry(settings, options), api: registryApi(settings, options), calls, secrets, clock }
}
