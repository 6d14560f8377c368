import { truncateUtf8 } from '../core/text.ts'

/**
 * The limits of tags of a model version. MLflow: keys of letters, digits, `_ - . / :` and space, 250 bytes; "all storage
 * backends are guaranteed to support" values of 5,000 bytes (REST API, Set Model Version Tag).
 * Unity Catalog: none of `. , - = / :` in keys, 255 characters; values of 1,000 (docs.databricks.com, "Apply tags").
 */
export interface TagRules {
  readonly unfit: RegExp
  readonly key: number
  readonly value: number
}

export const mlflowTags: TagRules = { unfit: /[^\w.\-/: ]/g, key: 250, value: 5_000 }
export const unityTags: TagRules = { unfit: /[.,\-=/:]|[^\x20-\x7e]/g, key: 255, value: 1_000 }

/** Shortens a tag to the limits, and replaces characters that a key may not have with `_`. */
export function fitTag(key: string, value: string, rules: TagRules): { readonly key: string; readonly value: string } {
  return {
    key: key.replaceAll(rules.unfit, '_').slice(0, rules.key),
    value: truncateUtf8(value.toWellFormed(), rules.value),
  }
}
