import { join } from 'node:path'
import type { NewJob } from '../requests.ts'

/** The parameters that Landfall sends to every job (docs/reactions/job.md). */
const PARAMETERS = [
  'landfall_table',
  'landfall_location',
  'landfall_format',
  'landfall_after',
  'landfall_version',
  'landfall_files',
  'landfall_manifest',
]

/**
 * The demo's job as given to `jobs/create`: `clean_uploads.py`, which writes the Delta table at `target` (`s3://…`).
 *
 * @param notifications more of the job's definition, such as `webhook_notifications`
 */
export function cleanUploads(target: string, notifications: Partial<NewJob> = {}): NewJob {
  const parameters = PARAMETERS.flatMap((name) => [`--${name}`, `{{job.parameters.${name}}}`])
  return {
    name: 'clean-uploads',
    tasks: [
      {
        task_key: 'clean',
        spark_python_task: {
          python_file: join(import.meta.dirname, 'clean_uploads.py'),
          parameters: ['--target', target, ...parameters],
        },
        timeout_seconds: 300,
      },
    ],
    parameters: PARAMETERS.map((name) => ({ name, default: '' })),
    queue: { enabled: true },
    ...notifications,
  }
}
