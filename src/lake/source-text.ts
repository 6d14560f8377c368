/** The text of a lake.yml as it may be shown. */
import { isScalar, parseDocument, visit } from 'yaml'
import { withoutAddressCredentials, withoutCredentials } from './credentials.ts'

/**
 * The same text with `*` for each character of a user and password, or of a query, in an address: values in any style of
 * quotes, comments, and all that looks like it if the text is no YAML. Positions stay the same.
 */
export function shownSource(text: string): string {
  const spans = spansOf(text)
  const shown = spans === undefined ? withoutPairs(text) : spans.reduce(hide, text)
  return withoutAddressCredentials(shown, true)
}

type Span = readonly [start: number, end: number]

/** Where the values and keys with credentials are; `undefined` if the text is no YAML. */
function spansOf(text: string): Span[] | undefined {
  const spans: Span[] = []
  try {
    const document = parseDocument(text, { prettyErrors: false, schema: 'core', uniqueKeys: false, stringKeys: false })
    if (document.errors.length > 0) return undefined
    visit(document, {
      Scalar(_key, node) {
        const { value, range } = node
        if (!isScalar(node) || typeof value !== 'string' || !range) return
        if (withoutCredentials(value) !== value) spans.push([range[0], range[1]])
      },
    })
    return spans
  } catch {
    // Nested too deeply.
    return undefined
  }
}

/** With escapes or line breaks it does not say where the credentials are, so that all of it is hidden. */
function hide(text: string, [start, end]: Span): string {
  const source = text.slice(start, end)
  return text.slice(0, start) + (/[\\\n]/.test(source) ? stars(source) : shownValue(source)) + text.slice(end)
}

function shownValue(source: string): string {
  return source
    .replace(/^(['"]?(?:[^'"]*?:?\/\/)?)(.*)(?=@)/s, (_all, start: string, user: string) => start + stars(user))
    .replace(/([?#])(.*?)(['"]?)$/s, (_all, mark: string, query: string, quote: string) => mark + stars(query) + quote)
}

/** In no YAML, all between a colon and an @ may be a password. */
function withoutPairs(text: string): string {
  return text.replaceAll(/:(.*)(?=@)/g, (_all, user: string) => `:${stars(user)}`)
}

const stars = (text: string): string => text.replaceAll(/[^\n]/g, '*')
