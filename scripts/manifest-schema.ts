import * as z from 'zod/mini'
import type { Manifest } from '../src/reactions/job/parameters.ts'

/** A job's manifest, for whoever writes jobs. Landfall writes manifests and reads none, so no function holds this schema. */
export const manifestSchema = z.object({
  table: z.string(),
  /** `s3://bucket/prefix`. */
  location: z.string(),
  format: z.string(),
  /** The files are those of the versions after this one … */
  after: z.int().check(z.gte(-1)),
  /** … up to and with this one. */
  version: z.int().check(z.nonnegative()),
  files: z.array(
    z.object({
      /** Raw: not percent-encoded. */
      uri: z.string(),
      /** Bytes. */
      size: z.int().check(z.nonnegative()),
      /** By column; null for SQL NULL. */
      partition: z.record(z.string(), z.nullable(z.string())),
    }),
  ),
}) satisfies z.ZodMiniType<Manifest>

export function manifestJsonSchema(): object {
  return {
    ...z.toJSONSchema(manifestSchema),
    title: 'Job manifest',
    description:
      'What a job is told of its files, where they do not fit into its parameters: the object at landfall_manifest.',
  }
}
