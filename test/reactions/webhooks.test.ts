import { describe, expect, test } from '@jest/globals'
import type { WebhookSecrets } from '../../src/intake/webhook/ports.ts'
import type { Lake, Table } from '../../src/lake/lake.ts'
import { webhooksOf, webhookSources } from '../../src/reactions/webhooks.ts'
import { lake } from '../intake/webhook/world.ts'

const uploads: Table = {
  name: 'uploads',
  location: { bucket: 'raw', prefix: 'uploads' },
  format: 'json',
  partitions: [],
  job: { name: 'clean', id: 42 },
}
const both: Lake = { ...lake, tables: { uploads } }
const { unity, managed } = lake.registries
const secrets: WebhookSecrets = { signing: () => async () => false, credentials: () => async () => false }

describe('the webhooks of a lake', () => {
  test.each<[string, Lake, string[], string[]]>([
    [
      'with jobs and models',
      both,
      ['/databricks/jobs', '/registries/main', '/registries/other', '/registries/workspace'],
      ['databricks', 'mlflow', 'other', 'databricks'],
    ],
    ['with jobs alone', { ...both, models: {} }, ['/databricks/jobs'], ['databricks']],
    [
      'with models alone',
      lake,
      ['/registries/main', '/registries/other', '/registries/workspace'],
      ['mlflow', 'other', 'databricks'],
    ],
    ['whose registries send none', { ...lake, registries: { unity: unity!, managed: managed! } }, [], []],
    ['with neither jobs nor models', { ...lake, models: {} }, [], []],
  ])('%s: sources and secrets agree', (_what, of, sources, ids) => {
    const rows = webhooksOf(of)
    expect(Object.keys(webhookSources(of, secrets, Date.now))).toEqual(sources)
    expect(rows.flatMap((row) => row.secrets(of))).toEqual(ids)
  })
})
