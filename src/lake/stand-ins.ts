import type { RegistrySettings } from '../registry/settings.ts'

/** Addresses of local stand-ins, used in place of those in lake.yml. */
export interface StandIns {
  /** Of the Databricks workspace. */
  readonly databricks?: string
  /** Of all self-hosted MLflow servers. */
  readonly mlflow?: string
}

/** The stand-in's address for a registry; `undefined`: use lake.yml's. SageMaker's MLflow has no stand-in. */
export function standInOf(kind: RegistrySettings['kind'], { databricks, mlflow }: StandIns): string | undefined {
  if (kind === 'sagemaker') return undefined
  return kind === 'mlflow' ? mlflow : databricks
}
