// What can be wrong with a ledger or a receipt. The words for it are in the catalogue; here is the reason, for whoever looks closer.

/**
 * `form`: it is not what it should be, or in another spelling. `newer`: a newer release wrote it. `signature`: it is not signed as it
 * should be. `key`: another key signs, and nobody was told. `other`: it is of another ledger. `proof`: it is not proved to be in the
 * ledger. `shorter`, `rewritten`: lines that were there are gone, or are others. `lines`: the lines are not those that were signed for.
 * `detail`: a detail is not the one that its line commits to. `outcome`: what is said of it since belongs to something else.
 */
export type Fault =
  | 'form'
  | 'newer'
  | 'signature'
  | 'key'
  | 'other'
  | 'proof'
  | 'shorter'
  | 'rewritten'
  | 'lines'
  | 'detail'
  | 'outcome';

/** A line's bytes are damaged on the hub's disk. That is no lie, and costs that line's text alone. */
export class Damaged extends Error {}

/** It does not add up. */
export class Bad extends Error {
  constructor(
    readonly fault: Fault,
    /** Exactly what, for an expert. */
    message: string,
    /** The line that it is about, where it is about one. */
    readonly line: number | null = null,
  ) {
    super(message);
  }
}
