import { Refused } from '../../src/core/refused.ts'
import { Unavailable } from '../../src/http/http.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { isMlflowApp, type RegistrySettings } from '../../src/registry/settings.ts'
import { names } from '../../src/lake/resource-names.ts'

/** One finding of the doctor about a registry or a model, with advice. */
export interface Diagnosis {
  /** `note`: a limitation to know about; nothing has to be done. */
  readonly level: 'ok' | 'note' | 'problem'
  /** Stable, for scripts. */
  readonly code: string
  readonly message: string
  readonly advice?: string
}

export const ok = (code: string, message: string): Diagnosis => ({ level: 'ok', code, message })
export const note = (code: string, message: string, advice?: string): Diagnosis => ({
  level: 'note',
  code,
  message,
  advice,
})
export const problem = (code: string, message: string, advice: string): Diagnosis => ({
  level: 'problem',
  code,
  message,
  advice,
})

/** Failures that any call to a registry may have. @throws the others */
export function diagnoseFailure(error: unknown, { host, kind }: RegistrySettings): Diagnosis {
  if (error instanceof Refused)
    return problem(error.code, error.message, error.detail.advice ?? 'Correct it in lake.yml.')
  if (error instanceof Unavailable)
    return problem(
      'unreachable',
      `${host} does not answer: ${error.message}`,
      kind === 'mlflow'
        ? 'Start the server, or correct its address (`mlflow`) in lake.yml. A server that only a VPC reaches must be diagnosed from there.'
        : 'Correct the address in lake.yml (`databricks.host`, or `mlflow` of a server that SageMaker runs), or try again.',
    )
  throw error
}

/** How promotions are detected in a registry without webhooks. */
export function noWebhooksNote(lake: Lake, settings: RegistrySettings): Diagnosis {
  if (settings.kind !== 'sagemaker')
    return note(
      'no-webhooks',
      'Unity Catalog has no webhooks; the sweep detects promotions within 15 minutes',
      `For faster detection, add a job with a model update trigger whose task invokes the function ${names(lake).fn('sweep')} with {"subject": "endpoint/NAME"}.`,
    )
  return note(
    'by-eventbridge',
    isMlflowApp(settings)
      ? 'an MLflow App has no webhooks, and AWS documents no events for it; the sweep detects promotions within 15 minutes'
      : "SageMaker's MLflow has no webhooks; it reports promotions over EventBridge (best effort), and the sweep detects lost ones",
  )
}
