import { readFileSync } from 'node:fs'
import type { EpochMs } from '../../../src/core/time.ts'
import { webhookSecrets } from '../../../src/intake/webhook/secrets.ts'
import type { Lake } from '../../../src/lake/lake.ts'
import type { DatabricksRegistry, MlflowRegistry, SageMakerRegistry } from '../../../src/registry/settings.ts'
import type { Model } from '../../../src/reactions/deployment/settings.ts'
import { registryPath } from '../../../src/reactions/deployment/webhook.ts'
import { webhookSources } from '../../../src/reactions/webhooks.ts'
import { receive, type Status } from '../../../src/intake/webhook/receive.ts'
import { memoryDeliveries } from './deliveries.twin.ts'
import { secretsTwin } from '../../core/secrets.twin.ts'
import { modelOf } from '../../world/model-builder.ts'
import { databricksSigned, mlflowSigned, type MlflowSignature } from './signed.ts'

/** The secret that the fixtures are signed with. */
export const SECRET = 's3cr3t-hmac-key'
/** A second after the first of the recorded deliveries. */
export const NOW: EpochMs = 1_795_344_082_000

type Headers = Readonly<Record<string, string | undefined>>

export interface Recorded {
  readonly path: string
  readonly secret: string | null
  readonly headers: Headers
  readonly body: string
}

/** Recorded from a real server, with header names in lower case as from API Gateway. */
export function recorded(file: 'deliveries' | 'retries'): Recorded[] {
  const text = readFileSync(new URL(`../../fixtures/mlflow/${file}.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as Recorded[]).map((each) => ({ ...each, headers: lowerCase(each.headers) }))
}

function lowerCase(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

export function sentAt({ headers }: Pick<Recorded, 'headers'>): number {
  return Number(headers['x-mlflow-timestamp']) * 1000
}

const artifacts = { bucket: 'models', prefix: 'mlflow' }
const mlflow: MlflowRegistry = { kind: 'mlflow', host: 'https://mlflow.example.com', secret: 'mlflow', artifacts }
const managed: SageMakerRegistry = {
  kind: 'sagemaker',
  host: 'https://managed.example.com',
  server: 'arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/lake',
  artifacts,
}
const workspace: DatabricksRegistry = {
  kind: 'databricks',
  host: 'https://dbc.example.com',
  secret: 'databricks',
  artifacts,
}

export function model(endpoint: string, registry: string, registered: string, image?: string): Model {
  return modelOf({ name: endpoint, registry, registered, image, endpoint: { name: endpoint } })
}

const models = [
  model('churn', 'main', 'churn'),
  model('churn-eu', 'main', 'churn'),
  model('churn-other', 'other', 'churn'),
  model('odd', 'main', 'a name/with spaces & ünïcode'),
  model('churn-workspace', 'workspace', 'churn'),
  model('churn-managed', 'managed', 'churn', 'image:1'),
  model('delay-managed', 'managed', 'delay'),
]

export const lake: Lake = {
  name: 'flights',
  stage: 'prod',
  buckets: {},
  tables: {},
  databricks: { host: 'https://dbc.example.com', secret: 'databricks' },
  models: Object.fromEntries(models.map((each) => [each.name, each])),
  registries: {
    main: mlflow,
    other: { ...mlflow, secret: 'other' },
    workspace,
    managed,
    unity: { ...workspace, kind: 'unity-catalog' },
  },
}

/** The webhook over twins, which record what they were called with. */
export function webhookWorld({ of = lake, secret = JSON.stringify({ webhook: SECRET }) } = {}) {
  const clock = { now: NOW }
  const sent: [string, readonly unknown[]][] = []
  const notes: [string, string][] = []
  const secrets = secretsTwin({ mlflow: secret, databricks: secret, other: JSON.stringify({ webhook: 'another' }) })
  const deliveries = memoryDeliveries()
  const now = () => clock.now
  const ports = {
    sources: webhookSources(of, webhookSecrets(secrets, now), now),
    deliveries,
    send: async (reaction: string, wakes: readonly unknown[]) => void sent.push([reaction, wakes]),
    note: (_path: string, code: string, reason: string) => void notes.push([code, reason]),
    now,
  }
  return {
    clock,
    sent,
    notes,
    secrets,
    deliveries,
    ports,
    codes: () => notes.map(([code]) => code),
    deliver: (headers: Headers, body: Uint8Array | string, path = registryPath('main')): Promise<Status> =>
      receive(path, { headers, body: typeof body === 'string' ? Buffer.from(body) : body }, ports),
  }
}

/** By default signed with the world's secret, at its starting time. */
export function mlflowHeaders(
  body: Uint8Array | string,
  { id = '75b2ff33-ecb1-4166-b303-17a3cf57a8dd', at = NOW / 1000, secret = SECRET }: Partial<MlflowSignature> = {},
): Record<string, string> {
  return mlflowSigned(body, { id, at, secret })
}

export function databricksHeaders(body: Uint8Array | string, secret = SECRET): Record<string, string> {
  return databricksSigned(body, secret)
}

export function mlflowBody(entity: string, data: object, action = 'created'): string {
  return JSON.stringify({ entity, action, timestamp: '2026-11-22T10:41:24.114472+00:00', data })
}
