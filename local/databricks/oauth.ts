import { randomBytes, timingSafeEqual } from 'node:crypto'
import { ApiError } from './errors.ts'

export interface Principal {
  readonly clientId: string
  readonly clientSecret: string
}

interface TokenAnswer {
  readonly status: number
  readonly body: unknown
}

/** The workspace's token endpoint and its check of tokens: OAuth machine-to-machine, and personal access tokens. */
export interface Authority {
  /** `POST /oidc/v1/token` */
  grant(authorization: string | undefined, form: string): TokenAnswer
  /** @throws {ApiError} 401 */
  check(authorization: string | undefined): void
  revoke(): void
}

/** @param life lifetime of a token, in seconds */
export function authority(
  principal: Principal,
  personalTokens: readonly string[],
  life: number,
  now: () => number,
): Authority {
  const ends = new Map<string, number>()
  const expected = `Basic ${Buffer.from(`${principal.clientId}:${principal.clientSecret}`).toString('base64')}`
  return {
    grant(authorization, form) {
      if (!same(authorization ?? '', expected))
        return { status: 401, body: { error: 'invalid_client', error_description: 'Client authentication failed' } }
      const fields = new URLSearchParams(form)
      if (fields.get('grant_type') !== 'client_credentials')
        return {
          status: 400,
          body: { error: 'unsupported_grant_type', error_description: 'client_credentials is needed' },
        }
      if (fields.get('scope') !== 'all-apis')
        return { status: 400, body: { error: 'invalid_scope', error_description: 'all-apis is needed' } }
      const token = randomBytes(24).toString('base64url')
      ends.set(token, now() + life * 1000)
      return { status: 200, body: { access_token: token, scope: 'all-apis', token_type: 'Bearer', expires_in: life } }
    },
    check(authorization) {
      const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
      if (token === undefined)
        throw new ApiError(
          401,
          'UNAUTHENTICATED',
          'Credential was not sent or was of an unsupported type for this API.',
        )
      if (personalTokens.some((one) => same(token, one))) return
      const end = ends.get(token)
      if (end === undefined || end <= now())
        throw new ApiError(401, 'UNAUTHENTICATED', 'The access token is expired or not valid.')
    },
    revoke: () => ends.clear(),
  }
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
