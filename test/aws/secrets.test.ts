import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { HttpResponse } from '@smithy/core/protocols'
import { expect, test } from '@jest/globals'
import { secretsManager } from '../../src/aws/secrets.ts'
import type { Refused } from '../../src/core/refused.ts'

const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
const arn = (region: string) => `arn:aws:secretsmanager:${region}:123456789012:secret:lake/mlflow-AbCdEf`

/** Secrets of eu-west-1, where every secret holds `answer`, and what was asked for. */
function given(answer: object) {
  const asked: string[] = []
  const handle = async (request: { body?: Uint8Array }) => {
    asked.push(JSON.parse(new TextDecoder().decode(request.body)).SecretId)
    const body = new TextEncoder().encode(JSON.stringify(answer))
    return { response: new HttpResponse({ statusCode: 200, headers: {}, body }) }
  }
  const client = new SecretsManagerClient({ region: 'eu-west-1', credentials, requestHandler: { handle } })
  return { secrets: secretsManager(client), asked }
}

test.each(['lake/mlflow', arn('eu-west-1')])('%s is read as it is named', async (id) => {
  const { secrets, asked } = given({ SecretString: 'text' })
  expect(await secrets.read(id)).toBe('text')
  expect(asked).toEqual([id])
})

test('a secret of another region is refused by name before it is asked for', async () => {
  const { secrets, asked } = given({ SecretString: 'text' })
  const refusal = (await secrets.read(arn('us-east-1')).catch((error: unknown) => error)) as Refused
  expect(refusal.code).toBe('secret-elsewhere')
  expect(refusal.message).toBe(`the secret ${arn('us-east-1')} is in us-east-1, and this runs in eu-west-1`)
  expect(refusal.detail.advice).toContain('Replicate the secret to eu-west-1')
  expect(asked).toEqual([])
})

test('a secret of bytes is refused, with what to store instead', async () => {
  const { secrets } = given({ SecretBinary: 'AAAA' })
  await expect(secrets.read('lake/mlflow')).rejects.toMatchObject({ code: 'secret-not-text' })
})
