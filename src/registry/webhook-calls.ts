import { failureOf } from '../http/authorized.ts'
import type { HttpAnswer } from '../http/http.ts'
import type { RegistryApi } from './rest-api.ts'

/** The registry answered with a status other than 2xx. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly status: number
  /** The registry's own, such as `RESOURCE_DOES_NOT_EXIST`; empty where it said none. */
  readonly code: string
  /** What the registry said; empty where it said nothing that can be read. */
  readonly said: string

  constructor(what: string, { status, body, text = '' }: HttpAnswer) {
    const { code = '', message } = failureOf(body)
    // Whoever stands before the registry answers in HTML, which tells nobody anything.
    const said = message === '' && !text.trimStart().startsWith('<') ? text.trim() : message
    const told = [code, said].filter((each) => each !== '').join(': ')
    super(`${what} was answered with ${status}${told === '' ? '' : ` (${told.slice(0, 500)})`}`)
    this.status = status
    this.code = code
    this.said = said
  }
}

/**
 * A call whose answer is to be of `schema`.
 *
 * @throws {CallFailed} for any status but 2xx
 * @throws Error for an answer that is not of `schema`
 */
export async function asked<Answer>(
  { call }: Pick<RegistryApi, 'call'>,
  schema: { safeParse(body: unknown): { readonly success: boolean; readonly data?: Answer | undefined } },
  ...[method, path, body]: Parameters<RegistryApi['call']>
): Promise<Answer> {
  const what = `${method} ${path.split('?')[0]}`
  const answer = await call(method, path, body)
  if (answer.status < 200 || answer.status > 299) throw new CallFailed(what, answer)
  const { success, data } = schema.safeParse(answer.body ?? {})
  if (success) return data as Answer
  throw new Error(`${what} was answered, but not as the registry's documentation says`)
}
