import { Refused } from '../../../core/refused.ts'
import { type Location, locationUri } from '../../../lake/lake.ts'
import type { Inspected } from '../ports.ts'

/** The description of a model, at the root of its folder (MLflow's documentation, "MLmodel file"). */
export const MLMODEL = 'MLmodel'
/** Bytes. An MLmodel has a few kilobytes, or more with a long signature or input example. */
export const LARGEST_MLMODEL = 1024 * 1024

/** The flavor that MLflow's scoring server loads, for every library. */
const PYFUNC = 'python_function'
/** `3.17.2`, `2.9.0rc1`, `3.0.0.dev0`. */
const VERSION = /^\d+\.\d+\.\d+[.a-z0-9]*$/

/** Whether it is safe as a shell argument and as an image tag. */
export const isMlflowVersion = (text: string): boolean => VERSION.test(text)

/**
 * Reads what a deployment needs from an MLmodel.
 *
 * @throws {Refused} `no-artifacts` if it is not an MLmodel, `not-pyfunc` if MLflow's scoring server cannot load the model
 */
export async function readMlmodel(text: string, folder: Location): Promise<Pick<Inspected, 'mlflowVersion'>> {
  const model = await parsed(text, folder)
  const flavors = isRecord(model['flavors']) ? model['flavors'] : {}
  if (!(PYFUNC in flavors)) {
    throw new Refused(
      'not-pyfunc',
      `the model in ${locationUri(folder)} has no flavor ${PYFUNC}, which an endpoint needs`,
      {
        subject: `${locationUri(folder)}/${MLMODEL}`,
        expected: `flavors with ${PYFUNC}`,
        found: Object.keys(flavors).join(', ') || 'no flavors',
        advice: `Log the model with a flavor that includes ${PYFUNC}, such as mlflow.sklearn or mlflow.pyfunc.`,
      },
    )
  }
  const version = model['mlflow_version']
  return typeof version === 'string' ? { mlflowVersion: version } : {}
}

/**
 * The MLflow version whose container can serve the model.
 *
 * @throws {Refused} `no-mlflow-version` if its MLmodel has none, or it is not a version
 */
export function servingVersion({ mlflowVersion }: Pick<Inspected, 'mlflowVersion'>, folder: Location): string {
  if (mlflowVersion !== undefined && isMlflowVersion(mlflowVersion)) return mlflowVersion
  throw new Refused(
    'no-mlflow-version',
    `the MLmodel of ${locationUri(folder)} does not say which MLflow version logged it`,
    {
      subject: `${locationUri(folder)}/${MLMODEL}`,
      expected: 'mlflow_version, such as 3.17.2',
      found: mlflowVersion ?? 'none, as in models of very old versions',
      advice: 'Set `image` of the model in lake.yml, or log the model again with a newer MLflow.',
    },
  )
}

async function parsed(text: string, folder: Location): Promise<Record<string, unknown>> {
  // Imported here: few invocations read a model.
  const { parse } = await import('yaml')
  let model: unknown
  try {
    model = parse(text, { maxAliasCount: 100 })
  } catch (error) {
    throw notMlmodel(folder, 'YAML that does not parse', error)
  }
  if (!isRecord(model)) throw notMlmodel(folder, model === null ? 'an empty file' : `a ${typeof model}`)
  return model
}

const notMlmodel = (folder: Location, found: string, cause?: unknown): Refused =>
  new Refused(
    'no-artifacts',
    `the MLmodel of ${locationUri(folder)} cannot be read`,
    { subject: `${locationUri(folder)}/${MLMODEL}`, expected: 'a YAML mapping', found, advice: 'Log the model again.' },
    { cause },
  )

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
