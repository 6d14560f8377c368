import { Refused } from '../../../core/refused.ts'
import { type Location, locationUri } from '../../../lake/lake.ts'
import type { Inspected } from '../ports.ts'

/** The description of a model, at the root of its folder (MLflow's documentation, "MLmodel file"). */
export const MLMODEL = 'MLmodel'
/** Bytes. An MLmodel is some kilobytes; an input example or a signature in it may be long. */
export const LARGEST_MLMODEL = 1024 * 1024

/** The flavor that MLflow's scoring server loads, whatever library the model is of. */
const PYFUNC = 'python_function'
/** `3.17.2`, `2.9.0rc1`, `3.0.0.dev0`. */
const VERSION = /^\d+\.\d+\.\d+[.a-z0-9]*$/

/** Whether it can be a word of a shell command, and the tag of an image. */
export const isMlflowVersion = (text: string): boolean => VERSION.test(text)

/**
 * What an MLmodel says that a deployment needs.
 *
 * @throws {Refused} `no-artifacts` where it is no MLmodel, `not-pyfunc` where MLflow's scoring server could not load the model
 */
export async function readMlmodel(text: string, folder: Location): Promise<Pick<Inspected, 'mlflowVersion'>> {
  const model = await parsed(text, folder)
  const flavors = isRecord(model['flavors']) ? model['flavors'] : {}
  if (!(PYFUNC in flavors)) {
    throw new Refused(
      'not-pyfunc',
      `the model in ${locationUri(folder)} has no flavor ${PYFUNC}, which is what an endpoint serves`,
      {
        subject: `${locationUri(folder)}/${MLMODEL}`,
        expected: `flavors with ${PYFUNC}`,
        found: Object.keys(flavors).join(', ') || 'no flavors',
        advice: `log the model with a flavor that includes ${PYFUNC}, such as mlflow.sklearn or mlflow.pyfunc`,
      },
    )
  }
  const version = model['mlflow_version']
  return typeof version === 'string' ? { mlflowVersion: version } : {}
}

/**
 * The MLflow version whose container can serve the model.
 *
 * @throws {Refused} `no-mlflow-version` where its MLmodel names none, or one that is no version
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
      advice: 'name the container by `image` of the model in lake.yml, or log the model again with a newer MLflow',
    },
  )
}

async function parsed(text: string, folder: Location): Promise<Record<string, unknown>> {
  // Loaded here: few of the function's starts look at a model.
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
    { subject: `${locationUri(folder)}/${MLMODEL}`, expected: 'a YAML mapping', found, advice: 'log the model again' },
    { cause },
  )

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
