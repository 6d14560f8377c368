/**
 * The Delta log, read. Everything here takes a {@link TableStore} and does no other I/O; see `PROTOCOL.md` of
 * delta-io/delta for the rules that the files of this folder cite by section.
 *
 * Public surface (signatures are the contract with the rest of Landfall):
 * - `parseLogName(name)`   what a key under `_delta_log/` is: a commit, a checkpoint, …, or not ours
 * - `readChange(store, after, version)`   the commits (after, version]: one GET each, no LIST
 * - `listCommits(store, after)`   the newest version and whether the log still holds every commit after `after`: one LIST
 * - `readState(store, version?)`   protocol and metadata only, no files
 * - `readSnapshot(store, version?)`   live files too, with totals
 */
export {}
