import type { RegistrySettings } from './settings.ts'
import type { Registry } from './ports.ts'
import { mlflowTags, unityTags } from './tags.ts'
import type { Secrets } from '../core/secrets.ts'
import type { EpochMs, Milliseconds } from '../core/time.ts'
import { authorized, type Credentials, secureAddress } from '../http/authorized.ts'
import { tokenCredentials } from '../databricks/token.ts'
import type { HttpClient } from '../http/http.ts'
import type { RegistryApi } from './rest-api.ts'
import { type AwsCredentials, MANAGED_RIGHTS, secretCredentials, signedCredentials } from './credentials.ts'
import { ADDRESS } from './rest-api.ts'
import { type MlflowDialect, mlflowRegistry } from './mlflow.ts'
import { cachedSecrets } from '../core/cached-secrets.ts'

export interface RegistryOptions {
  readonly secrets: Secrets
  readonly http: HttpClient
  readonly now: () => EpochMs
  /** Of the function's own role, for `sagemaker`: `client.config.credentials` of any AWS client. */
  readonly aws: AwsCredentials
  /** How long a rotated secret may go unnoticed while the old one still works. Default: 5 minutes. */
  readonly secretAge?: Milliseconds
}

/**
 * The registry that lake.yml declares.
 *
 * @throws {Refused} `insecure-host`, `bad-registry`
 */
export function registry(settings: RegistrySettings, options: RegistryOptions): Registry {
  return mlflowRegistry(registryApi(settings, options), settings.artifacts, dialects[settings.kind])
}

/** The registry's REST API, for calls that {@link Registry} does not have, such as those about webhooks. */
export function registryApi(settings: RegistrySettings, options: RegistryOptions): RegistryApi {
  const host = secureHost(settings.host)
  const credentials = credentialsOf(settings, host, options)
  return {
    host,
    rights: rights[settings.kind],
    call: (method, path, body) => authorized(options.http, credentials, `${host}${path}`, method, body),
  }
}

/** MLflow's REST API 2.0. Unity Catalog's variant is the one that MLflow's own client uses. */
const MLFLOW = '/api/2.0/mlflow'
const dialects: Readonly<Record<RegistrySettings['kind'], MlflowDialect>> = {
  mlflow: { path: MLFLOW, tags: mlflowTags, marks: ['alias', 'stage', 'tag'], search: 'by-tag', prompts: true },
  sagemaker: { path: MLFLOW, tags: mlflowTags, marks: ['alias', 'stage', 'tag'], search: 'by-tag', prompts: true },
  databricks: { path: MLFLOW, tags: mlflowTags, marks: ['stage', 'tag'], search: 'by-name', copies: true },
  'unity-catalog': {
    path: `${MLFLOW}/unity-catalog`,
    tags: unityTags,
    marks: ['alias', 'tag'],
    search: 'without-tags',
  },
}

const rights: Readonly<Record<RegistrySettings['kind'], string>> = {
  mlflow: 'Give the user EDIT on the registered model: Landfall reads versions and tags them.',
  sagemaker: MANAGED_RIGHTS,
  databricks:
    'Give the service principal CAN_EDIT or more on the registered model: Landfall reads versions and tags them.',
  'unity-catalog':
    'Give the service principal EXECUTE and APPLY TAG on the model, and USE SCHEMA and USE CATALOG on its schema and catalog.',
}

function credentialsOf(settings: RegistrySettings, host: string, options: RegistryOptions): Credentials {
  if (settings.kind === 'sagemaker') return signedCredentials(settings.server, options.aws, options.now)
  const { secret } = settings
  const { http, now } = options
  const secrets = cachedSecrets(options.secrets, now, options.secretAge ?? 300_000)
  return settings.kind === 'mlflow'
    ? secretCredentials(host, secret, secrets)
    : tokenCredentials({ host, secret, secrets, http, now })
}

function secureHost(host: string): string {
  const { origin, pathname } = secureAddress(host, ADDRESS)
  return `${origin}${pathname.replace(/\/+$/, '')}`
}
