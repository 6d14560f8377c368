/**
 * The filter of `model-versions/search` for the versions of a model, and those with a tag where one is given. MLflow's
 * grammar has no escapes: text stands in the one kind of quotes that is not in it.
 *
 * @returns `undefined` for text that cannot be written: both kinds of quotes, or a backslash before the closing one
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
