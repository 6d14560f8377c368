import type { Smoke } from '../../lake/lake.ts'
import type { SageMaker } from '../../sagemaker/sagemaker.ts'
import { misfit } from './shape.ts'

/** Asks the endpoint the sample request. Answers what is wrong with what came back, or `undefined`. */
export async function smokeTest(
  { request, expect = 'any' }: Smoke,
  endpoint: string,
  sagemaker: Pick<SageMaker, 'invoke'>,
): Promise<string | undefined> {
  const { status, body } = await sagemaker.invoke(endpoint, JSON.stringify(request))
  if (status < 200 || status > 299) return `smoke test: the model answered ${status}: ${body.slice(0, 300)}`
  const answer = parse(body)
  const fault = answer === undefined ? `the answer is not JSON: ${body.slice(0, 80)}` : misfit(answer.value, expect)
  return fault === undefined ? undefined : `smoke test: ${fault}`
}

function parse(body: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) }
  } catch {
    return undefined
  }
}
