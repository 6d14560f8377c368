import * as z from 'zod'
import * as names from '../lake/names.ts'
import { location, text } from '../lake/schema-values.ts'
import { secretFault, secretPattern } from '../lake/secret-name.ts'
import { serverFault, serverPattern } from './names.ts'

/** An entry of `registries`. */
export const registrySchema = z
  .strictObject({
    mlflow: text('The address of the MLflow server.', names.urlFault, names.urlPattern).optional(),
    secret: text(
      'The secret in Secrets Manager with its credentials: its name or full ARN. For a self-hosted MLflow server.',
      secretFault,
      secretPattern,
    ).optional(),
    server: text(
      'The ARN of the tracking server or the MLflow App, if SageMaker runs MLflow.',
      serverFault,
      serverPattern,
    ).optional(),
    databricks: z
      .enum(['workspace', 'unity-catalog'])
      .meta({ description: 'The model registry of the workspace in the section databricks, or Unity Catalog.' })
      .optional(),
    artifacts: location("Where the models' artifacts are: s3://BUCKET/PREFIX. The bucket need not be declared."),
  })
  .meta({
    description: 'A model registry: mlflow with secret, mlflow with server, or databricks.',
    oneOf: [{ required: ['mlflow', 'secret'] }, { required: ['mlflow', 'server'] }, { required: ['databricks'] }],
  })
