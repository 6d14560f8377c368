import { s3, secretsmanager } from '../src/aws/clients.ts'
import type { Milliseconds } from '../src/core/time.ts'
import { type HttpClient, httpClient } from '../src/http/http.ts'
import { registry, registryApi, type RegistryOptions } from '../src/registry/client.ts'
import type { RegistryApi } from '../src/registry/rest-api.ts'
import { secretsManager } from '../src/aws/secrets.ts'
import { databricksWebhooks } from '../src/registry/webhook-admin-databricks.ts'
import { mlflowWebhooks } from '../src/registry/webhook-admin-mlflow.ts'
import type { WebhookAdmin } from '../src/registry/ports.ts'
import type { Lake } from '../src/lake/lake.ts'
import type { RegistrySettings } from '../src/registry/settings.ts'
import type { Registry } from '../src/registry/ports.ts'
import { unknownName } from './subjects.ts'

/**
 * The registry that an operator names, or all.
 * @throws {UsageError} listing the registries
 */
export function registriesOf(lake: Lake, given: string | undefined): [string, RegistrySettings][] {
  const all = Object.entries(lake.registries)
  const found = given === undefined ? all : all.filter(([each]) => each === given)
  if (found.length > 0 || given === undefined) return found
  throw unknownName(lake, 'registry', given, Object.keys(lake.registries))
}

/** The registry of this name in lake.yml. The HTTP budget is small: an operator is waiting. */
export function registryOf({ registries }: Lake, name: string): Registry {
  return registry(registries[name]!, options(httpClient({ budget: 10_000 })))
}

/**
 * A registry's REST API without retries, and without interpreting status codes: the doctor examines how calls fail.
 * @throws {Refused} `insecure-host`, `bad-registry`
 */
export function apiWithoutRetries(settings: RegistrySettings): RegistryApi {
  return registryApi(settings, options(oneTry))
}

/** `undefined` for a kind of registry that has no webhooks. */
export function webhooksOf({ kind }: RegistrySettings, api: RegistryApi): WebhookAdmin | undefined {
  if (kind === 'mlflow') return mlflowWebhooks(api)
  return kind === 'databricks' ? databricksWebhooks(api) : undefined
}

function options(http: HttpClient): RegistryOptions {
  const aws = s3()
  return { secrets: secretsManager(secretsmanager()), http, now: Date.now, aws: aws.config.credentials }
}

/** MLflow itself waits for 30 s while it delivers a test. */
const TIMEOUT: Milliseconds = 40_000
const oneTry = httpClient({ tries: 1, timeout: TIMEOUT, budget: TIMEOUT, anyIsFinal: true })
