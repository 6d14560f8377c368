import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import * as z from 'zod/mini'
import { Refused } from '../core/refused.ts'
import type { Credentials, Unauthorized } from '../http/authorized.ts'
import { secretJson } from '../core/secrets.ts'
import type { CachedSecrets } from '../core/cached-secrets.ts'

const filled = z.optional(z.string().check(z.minLength(1)))
/** What else the secret holds is for others. */
const held = z.object({ token: filled, username: filled, password: filled })

/**
 * The credentials of an MLflow server of one's own: `{"token": …}` or `{"username": …, "password": …}` in the secret. A secret
 * with neither is that of a server that asks for none.
 */
export function secretCredentials(host: string, secret: string, secrets: CachedSecrets): Credentials {
  const known = new Set<string>()
  return {
    async authorize() {
      const headers = headersOf(secret, await secrets.read(secret), known)
      return { headers, reject: () => secrets.forget(secret) }
    },
    scrub: (text) => [...known].reduce((scrubbed, credential) => scrubbed.replaceAll(credential, '***'), text),
    refused: () =>
      new Refused('unauthorized', `${host} does not take the credentials in ${secret}, read again just now`, {
        subject: secret,
        advice: `Put a user of the MLflow server into ${secret}: {"username": …, "password": …}, or {"token": …}.`,
      }),
  }
}

/** Nothing of the secret's text is repeated. */
function headersOf(secret: string, text: string, known: Set<string>): Record<string, string> {
  const { token, username, password } = held.safeParse(secretJson(text)).data ?? bad(secret)
  if (token !== undefined) {
    known.add(token)
    return { authorization: `Bearer ${token}` }
  }
  if (username === undefined && password === undefined) return {}
  if (username === undefined || password === undefined) return bad(secret)
  const encoded = Buffer.from(`${username}:${password}`).toString('base64')
  known.add(password).add(encoded)
  return { authorization: `Basic ${encoded}` }
}

function bad(secret: string): never {
  throw new Refused('bad-secret', `the secret ${secret} holds no credentials of MLflow`, {
    subject: secret,
    expected: 'JSON: {"username": …, "password": …}, or {"token": …}',
    advice: `Put it there: aws secretsmanager put-secret-value --secret-id ${secret} --secret-string '…'`,
  })
}

export type AwsCredentials = ConstructorParameters<typeof SignatureV4>[0]['credentials']

/**
 * What routes a call and what it is signed for, by the kind of the resource; the header is signed too
 * (AWS's plug-in for MLflow's client, the PyPI package `sagemaker-mlflow` 0.5.0).
 */
const signing = {
  'mlflow-tracking-server': { service: 'sagemaker-mlflow', header: 'x-mlflow-sm-tracking-server-arn' },
  'mlflow-app': { service: 'sagemaker', header: 'x-sm-mlflow-app-arn' },
} as const

/** SageMaker developer guide, "Set up IAM permissions for MLflow" and "… for MLflow Apps", which have this one action. */
export const MANAGED_RIGHTS =
  'Whoever asks needs the actions of sagemaker-mlflow on a tracking server, or sagemaker:CallMlflowAppApi on an MLflow App. Deploying the lake gives them to its functions.'

/**
 * SigV4, for MLflow as SageMaker runs it.
 *
 * @throws {Refused} `bad-registry` for an ARN that is of no MLflow
 */
export function signedCredentials(server: string, credentials: AwsCredentials, now: () => number): Credentials {
  const [, region, kind] = /^arn:[^:]+:sagemaker:([^:]+):\d+:(mlflow-tracking-server|mlflow-app)\/./.exec(server) ?? []
  if (region === undefined || kind === undefined) throw badArn(server)
  const { service, header } = signing[kind as keyof typeof signing]
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 })
  return {
    async authorize(request) {
      const named = { ...request, headers: { ...request.headers, [header]: server } }
      const signed = await signer.sign(signable(named), { signingDate: new Date(now()) })
      const { host: _, ...headers } = signed.headers
      // The SDK reads its credentials again by itself, before they end.
      return { headers, reject: () => undefined }
    },
    scrub: (text) => text,
    refused: () =>
      new Refused('unauthorized', `the role of this function is not let into ${server}`, {
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
    ...(port !== '' && { port: Number(port) }),
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { ...headers, host },
    ...(body !== undefined && { body }),
  }
}

function badArn(server: string): Refused {
  return new Refused('bad-registry', `${server} is not the ARN of an MLflow server of SageMaker`, {
    subject: server,
    expected: 'arn:aws:sagemaker:REGION:ACCOUNT:mlflow-tracking-server/NAME, or …:mlflow-app/ID',
    advice: "Correct the registry's `server` in lake.yml.",
  })
}

/** As the signer wants it. */
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
