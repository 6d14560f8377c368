/** Whether a table is announced: as it says itself or, where it says nothing, as the lake says of all its tables. */
export function announceSettings(table: boolean | undefined, lake: boolean | undefined): boolean {
  return table ?? lake ?? false
}
