import * as z from 'zod'
import * as names from '../lake/names.ts'
import { secretFault, secretPattern } from '../lake/secret-name.ts'
import { count, named, text } from '../lake/schema-values.ts'

/** The section `databricks`. */
export const databricksSchema = z
  .strictObject({
    host: text('The address of the workspace.', names.urlFault, names.urlPattern),
    secret: text(
      'The secret in Secrets Manager with its credentials: its name or full ARN.',
      secretFault,
      secretPattern,
    ),
    jobs: named(
      'The jobs that tables start.',
      z.strictObject({ id: count("The job's id in Databricks.") }).meta({ description: 'A job.' }),
    ).optional(),
  })
  .meta({ description: 'The Databricks workspace.' })
