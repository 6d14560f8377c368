import { parseJson } from '../../core/json.ts'
import type { Smoke } from './settings.ts'
import type { SageMaker } from './ports.ts'
import { mismatch, type ResponseMatch } from './response-match.ts'

export type Smoked =
  | { readonly kind: 'passed' }
  /** `passing`: the endpoint could not be invoked, which may work later. */
  | { readonly kind: 'failed'; readonly reason: string; readonly passing: boolean }

/** A container that has just started may fail its first requests. */
const TRIES = 3

/** Sends the sample request to the endpoint and checks the response. */
export async function smokeTest(
  { request, expect = 'any' }: Smoke,
  endpoint: string,
  sagemaker: Pick<SageMaker, 'invoke'>,
): Promise<Smoked> {
  try {
    let answer = await sagemaker.invoke(endpoint, JSON.stringify(request))
    for (let tries = 1; answer.status >= 500 && tries < TRIES; tries++)
      answer = await sagemaker.invoke(endpoint, JSON.stringify(request))
    const fault = faultIn(answer, expect)
    return fault === undefined ? { kind: 'passed' } : failed(`smoke test: ${fault}`, false)
  } catch (error) {
    return failed(`smoke test: the model could not be invoked: ${(error as Error).message}`, true)
  }
}

function failed(reason: string, passing: boolean): Smoked {
  return { kind: 'failed', reason, passing }
}

function faultIn(
  { status, body }: { readonly status: number; readonly body: string },
  expect: ResponseMatch,
): string | undefined {
  if (status < 200 || status > 299) return `the model answered ${status}: ${body.slice(0, 300)}`
  const answer = parse(body)
  return answer === undefined ? `the answer is not JSON: ${body.slice(0, 80)}` : mismatch(answer.value, expect)
}

function parse(body: string): { readonly value: unknown } | undefined {
  try {
    return { value: parseJson(body) }
  } catch {
    return undefined
  }
}
