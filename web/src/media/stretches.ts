// Film as people see it: stretches, and not the pieces of some seconds in which it is kept. The command line has the same rules
// (`crates/protocol/src/stretch.rs`), and both are held to `tests/vectors/stretches.json`.

/** What of a piece of film decides what it is one with. */
export interface Filmed {
  start: string;
  seconds: number;
  media_type: string;
}

/** Pieces of film that are no further apart are one stretch, in milliseconds. A stretch ends with its day. */
const GAP = 60_000;
/** What lies between two pieces that follow each other without a gap is no more than this, in milliseconds. */
const SEAM = 250;

/** Whether a piece goes on with a stretch, which ends at `end`, in milliseconds since 1970. */
export function goesOn({ end, media_type }: { end: number; media_type: string }, next: Filmed, sameDay: boolean): boolean {
  return Date.parse(next.start) - end < GAP && media_type === next.media_type && sameDay;
}

/** Whether the next piece begins where the one before ends, so that both are one clip. */
export function follows(before: Filmed, next: Filmed): boolean {
  const between = Date.parse(next.start) - (Date.parse(before.start) + before.seconds * 1000);
  return before.media_type === next.media_type && Math.abs(between) <= SEAM;
}
