import { failureOf } from '../http/authorized.ts'
import type { HttpAnswer } from '../http/http.ts'
import type { RegistryApi } from './rest-api.ts'

/** The registry answered with a status other than 2xx. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly status: number
  /** The registry's code, such as `RESOURCE_DOES_NOT_EXIST`; empty if it gave none. */
  readonly code: string
  /** The registry's message; empty if it gave none that is readable. */
  readonly said: string
  /** Where a redirect leads. */
  readonly location: string | undefined

  constructor(what: string, { status, body, text = '', location }: HttpAnswer) {
    const { code = '', message } = failureOf(body)
    // A proxy in front of the registry answers in HTML, which does not help.
    const said = message === '' && !text.trimStart().startsWith('<') ? text.trim() : message
    const target = location === undefined ? '' : `redirected to ${location}`
    const details = [code, said, target].filter((each) => each !== '').join(': ')
    super(`${what} was answered with ${status}${details === '' ? '' : ` (${details.slice(0, 500)})`}`)
    this.status = status
    this.code = code
    this.said = said
    this.location = location
  }
}

/**
 * A call whose response has to match `schema`.
 *
 * @throws {CallFailed} for any status but 2xx
 * @throws Error for a response that does not match `schema`
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
  throw new Error(`the response to ${what} is not what the registry's documentation says`)
}
