import type { Scanner } from './scanner.ts'

/** `|` or `>`, with digits for the indentation and a sign for the line breaks at the end. */
const HEADER = /[|>](?:([1-9])[+-]?|[+-]([1-9])?)?/y

/** Skips the lines of a text after `|` or `>`: those that are indented more than `parent`, the column of what it belongs to. */
export function skipBlockText(scanner: Scanner, parent: number): void {
  HEADER.lastIndex = scanner.at
  const [header, digit, other] = HEADER.exec(scanner.text) as RegExpExecArray
  scanner.at += header.length
  scanner.endLine()
  const given = digit ?? other
  /** Of its lines. If it is not given, that of the first one that is not blank. */
  let indentation = given === undefined ? undefined : parent + Number(given)
  let blanks = 0
  while (!scanner.isAtEnd) {
    const start = scanner.at
    const spaces = scanner.skipSpaces()
    if (!scanner.isAtBreak) {
      if (spaces < (indentation ?? parent + 1)) {
        scanner.at = start
        return
      }
      // Versions of YAML differ on which of the two counts.
      if (indentation === undefined && blanks > spaces)
        scanner.fail('a blank line with more spaces than the text below it')
      indentation ??= spaces
      scanner.toBreak()
    } else if (indentation === undefined) blanks = Math.max(blanks, spaces)
    scanner.nextLine()
  }
}
