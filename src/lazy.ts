/**
 * Makes something when it is first asked for. Schemas are made so: a function's cold start then pays for none, and its
 * first message for those that it meets.
 */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
