/**
 * The filter of `model-versions/search` for the versions of a model, or for those of them that have a tag. MLflow's grammar
 * has no escapes, so text is put in the kind of quotes that it does not contain.
 *
 * @returns `undefined` for text that cannot be quoted: with both kinds of quotes, or with a backslash at the end
 */
export function versionFilter(
  registered: string,
  tag?: { readonly key: string; readonly value: string },
): string | undefined {
  const name = quoted(registered)
  if (name === undefined) return undefined
  if (tag === undefined) return `name = ${name}`
  const value = quoted(tag.value)
  if (value === undefined || tag.key.includes('`')) return undefined
  return `name = ${name} and tags.\`${tag.key}\` = ${value}`
}

function quoted(text: string): string | undefined {
  if (text.endsWith('\\')) return undefined
  if (!text.includes("'")) return `'${text}'`
  return text.includes('"') ? undefined : `"${text}"`
}
