import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import * as z from 'zod/mini'
import { Refused } from '../core/refused.ts'
import type { Credentials, Unauthorized } from '../http/authorized.ts'
import { basicAuthorization } from '../http/basic-auth.ts'
import { credentialsIn } from '../http/sent.ts'
import { secretJson } from '../core/secrets.ts'
import type { EpochMs } from '../core/time.ts'
import type { CachedSecrets } from '../core/cached-secrets.ts'

const filled = z.optional(z.string().check(z.minLength(1)))
/** The secret may hold other keys for other purposes. */
const held = z.object({ token: filled, username: filled, password: filled })

/**
 * Credentials of a self-hosted MLflow server: `{"token": …}` or `{"username": …, "password": …}` in the secret. With
 * neither, the server is called without credentials.
 */
export function secretCredentials(host: string, secret: string, secrets: CachedSecrets): Credentials {
  return {
    async authorize() {
      const text = await secrets.read(secret)
      const headers = headersOf(secret, text)
      // The server also knows what its webhooks sign with.
      return { headers, secrets: credentialsIn(secretJson(text)), reject: () => secrets.forget(secret) }
    },
    refused: () =>
      new Refused('unauthorized', `${host} rejects the credentials in ${secret}, which were read again just now`, {
        subject: secret,
        advice: `Store a user of the MLflow server in ${secret}: {"username": …, "password": …}, or {"token": …}.`,
      }),
  }
}

/** The error repeats nothing of the secret's text. */
function headersOf(secret: string, text: string): Record<string, string> {
  const { token, username, password } = held.safeParse(secretJson(text)).data ?? bad(secret)
  if (token !== undefined) return { authorization: `Bearer ${token}` }
  if (username === undefined && password === undefined) return {}
  if (username === undefined || password === undefined) return bad(secret)
  return { authorization: basicAuthorization(username, password) }
}

function bad(secret: string): never {
  throw new Refused('bad-secret', `the secret ${secret} holds no MLflow credentials`, {
    subject: secret,
    expected: 'JSON: {"username": …, "password": …}, or {"token": …}',
    advice: `Store it: aws secretsmanager put-secret-value --secret-id ${secret} --secret-string '…'`,
  })
}

export type AwsCredentials = ConstructorParameters<typeof SignatureV4>[0]['credentials']

/**
 * For each kind of resource, the service that a call is signed for and the header that routes it, which is signed too
 * (AWS's plug-in for MLflow's client, the PyPI package `sagemaker-mlflow` 0.5.0).
 */
const signing = {
  'mlflow-tracking-server': { service: 'sagemaker-mlflow', header: 'x-mlflow-sm-tracking-server-arn' },
  'mlflow-app': { service: 'sagemaker', header: 'x-sm-mlflow-app-arn' },
} as const

/** SageMaker developer guide, "Set up IAM permissions for MLflow" and "… for MLflow Apps"; the latter have only one action. */
export const MANAGED_RIGHTS =
  'The caller needs the sagemaker-mlflow actions on a tracking server, or sagemaker:CallMlflowAppApi on an MLflow App. Deploying the lake gives them to its functions.'

/**
 * SigV4, for MLflow managed by SageMaker.
 *
 * @throws {Refused} `bad-registry` for an ARN that is not of an MLflow server
 */
export function signedCredentials(server: string, credentials: AwsCredentials, now: () => EpochMs): Credentials {
  const [, region, kind] = /^arn:[^:]+:sagemaker:([^:]+):\d+:(mlflow-tracking-server|mlflow-app)\/./.exec(server) ?? []
  if (region === undefined || kind === undefined) throw badArn(server)
  const { service, header } = signing[kind as keyof typeof signing]
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 })
  return {
    async authorize(request) {
      const named = { ...request, headers: { ...request.headers, [header]: server } }
      const signed = await signer.sign(signable(named), { signingDate: new Date(now()) })
      const { host: _, ...headers } = signed.headers
      // The SDK renews its credentials itself before they expire.
      return { headers, reject: () => undefined }
    },
    refused: () =>
      new Refused('unauthorized', `${server} rejects the role of this function`, {
        subject: server,
        advice: MANAGED_RIGHTS,
      }),
  }
}

function signable({ method, url, headers, body }: Unauthorized): Parameters<SignatureV4['sign']>[0] & object {
  const { protocol, hostname, port, host, pathname, searchParams } = new URL(url)
  return {
    method,
    protocol,
    hostname,
    port: port === '' ? undefined : Number(port),
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { ...headers, host },
    body,
  }
}

function badArn(server: string): Refused {
  return new Refused('bad-registry', `${server} is not the ARN of an MLflow server managed by SageMaker`, {
    subject: server,
    expected: 'arn:aws:sagemaker:REGION:ACCOUNT:mlflow-tracking-server/NAME, or …:mlflow-app/ID',
    advice: "Correct the registry's `server` in lake.yml.",
  })
}

/** The signer's interface to a hash. */
class Sha256 {
  #hash: Hash | Hmac
  readonly #begin: () => Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#begin = () => (secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret)))
    this.#hash = this.#begin()
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(chunk))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    this.#hash = this.#begin()
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data)
}
