import * as z from 'zod/mini'
import type { Manifest } from '../src/reactions/job/parameters.ts'

/** A job's manifest, for authors of jobs. Landfall only writes manifests, so no function contains this schema. */
export const manifestSchema = z.object({
  table: z.string(),
  /** `s3://bucket/prefix`. */
  location: z.string(),
  format: z.string(),
  /** The files were added by the versions after this one … */
  after: z.int().check(z.gte(-1)),
  /** … up to and including this one. */
  version: z.int().check(z.nonnegative()),
  files: z.array(
    z.object({
      /** Not percent-encoded. */
      uri: z.string(),
      /** Bytes. */
      size: z.int().check(z.nonnegative()),
      /** Values by column; null for SQL NULL. */
      partition: z.record(z.string(), z.nullable(z.string())),
    }),
  ),
}) satisfies z.ZodMiniType<Manifest>

export function manifestJsonSchema(): object {
  return {
    ...z.toJSONSchema(manifestSchema),
    title: 'Job manifest',
    description: "A job's files, if they do not fit into its parameters: the object at landfall_manifest.",
  }
}
