import * as z from 'zod/mini'
import { PutSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { Refused } from '../../src/core/refused.ts'
import { secretsManager } from '../../src/aws/secrets.ts'
import type { Secrets } from '../../src/core/secrets.ts'

/** Secrets that can be written too. */
export interface SecretKeeper extends Secrets {
  put(id: string, text: string): Promise<void>
}

export function secretKeeper(client: SecretsManagerClient): SecretKeeper {
  return {
    ...secretsManager(client),
    async put(SecretId, SecretString) {
      await client.send(new PutSecretValueCommand({ SecretId, SecretString }))
    },
  }
}

const filled = z.string().check(z.minLength(1))
const schema = z.looseObject({ webhook: z.optional(z.union([filled, z.array(filled)])) })

/**
 * The signing secret of a registry's webhook: the first of those in the registry's secret. Where there is none, one is created
 * and added; the rest of the secret is kept.
 *
 * @throws {Refused} `no-such-secret`; `bad-secret` for one that is not a JSON object
 */
export async function signingSecret(
  id: string,
  secrets: SecretKeeper,
  random: () => string,
): Promise<{ readonly secret: string; readonly isNew: boolean }> {
  const { webhook, all } = await read(id, secrets)
  if (webhook[0] !== undefined) return { secret: webhook[0], isNew: false }
  const secret = random()
  await secrets.put(id, JSON.stringify({ ...all, webhook: [secret] }))
  return { secret, isNew: true }
}

/**
 * Puts a new signing secret before the current one. Both are accepted, so that no delivery is rejected in the meantime. A third
 * one, of an earlier rotation, is dropped.
 *
 * @throws {Refused} as {@link signingSecret}
 */
export async function rotatedSecret(id: string, secrets: SecretKeeper, random: () => string): Promise<string> {
  const { webhook, all } = await read(id, secrets)
  const secret = random()
  await secrets.put(id, JSON.stringify({ ...all, webhook: [secret, ...webhook.slice(0, 1)] }))
  return secret
}

async function read(id: string, secrets: Secrets) {
  const { success, data } = schema.safeParse(parse(await secrets.read(id)))
  if (!success)
    throw new Refused('bad-secret', `secret ${id} is not a JSON object with a text, or a list of texts, as "webhook"`, {
      subject: id,
      expected: '{"webhook": ["…"], …}',
      advice: `Store the registry's credentials as a JSON object; landfall adds "webhook" to it.`,
    })
  const { webhook = [] } = data
  return { webhook: typeof webhook === 'string' ? [webhook] : webhook, all: data }
}

/** Errors must not repeat the secret's text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
