import { Refused } from '../../../core/refused.ts'
import { type Location, locationUri } from '../../../lake/lake.ts'
import type { Inspected } from '../ports.ts'
import { ModelKeys, PYFUNC } from './model-keys.ts'
import { readOutline } from './yaml/block.ts'
import { Unreadable } from './yaml/scanner.ts'

/** The description of a model, at the root of its folder (MLflow's documentation, "MLmodel file"). */
export const MLMODEL = 'MLmodel'
/** Bytes. An MLmodel has a few kilobytes; with a signature of 20,000 columns, more than 1 MiB. */
export const LARGEST_MLMODEL = 16 * 1024 * 1024

/** `3.17.2`, `2.9.0rc1`, `3.0.0.dev0`. */
const VERSION = /^\d+\.\d+\.\d+[.a-z0-9]*$/

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Whether it is safe as a shell argument and as an image tag. */
export const isMlflowVersion = (text: string): boolean => VERSION.test(text)

/**
 * Reads what a deployment needs from an MLmodel, in time linear in its size.
 *
 * @throws {Refused} `no-artifacts` if it cannot be read, `not-pyfunc` if MLflow's scoring server cannot load the model
 */
export function readMlmodel(bytes: Uint8Array, folder: Location): Pick<Inspected, 'mlflowVersion'> {
  const keys = new ModelKeys()
  try {
    readOutline(utf8.decode(bytes), keys)
  } catch (error) {
    if (error instanceof Unreadable) throw notMlmodel(folder, error.message, error)
    if (error instanceof TypeError) throw notMlmodel(folder, 'bytes that are not UTF-8', error)
    throw error
  }
  if (!keys.isPyfunc) {
    throw new Refused(
      'not-pyfunc',
      `the model in ${locationUri(folder)} has no flavor ${PYFUNC}, which an endpoint needs`,
      {
        subject: `${locationUri(folder)}/${MLMODEL}`,
        expected: `flavors with ${PYFUNC}`,
        found: keys.flavors.join(', ') || 'no flavors',
        advice: `Log the model with a flavor that includes ${PYFUNC}, such as mlflow.sklearn or mlflow.pyfunc.`,
      },
    )
  }
  return keys.mlflowVersion === undefined ? {} : { mlflowVersion: keys.mlflowVersion }
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

const notMlmodel = (folder: Location, found: string, cause: unknown): Refused =>
  new Refused(
    'no-artifacts',
    `the MLmodel of ${locationUri(folder)} cannot be read: ${found}`,
    {
      subject: `${locationUri(folder)}/${MLMODEL}`,
      expected: 'a YAML map, as MLflow writes it',
      found,
      advice: 'Log the model again.',
    },
    { cause },
  )

/** @throws {Refused} `no-artifacts` */
export function checkMlmodelSize(bytes: number, folder: Location): void {
  if (bytes <= LARGEST_MLMODEL) return
  throw new Refused('no-artifacts', `the MLmodel of ${locationUri(folder)} is too large`, {
    subject: `${locationUri(folder)}/${MLMODEL}`,
    expected: `at most ${LARGEST_MLMODEL} bytes`,
    found: `${bytes} bytes`,
    advice: 'Log the model with a smaller signature or less metadata.',
  })
}
