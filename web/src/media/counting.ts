// How much something is, as people count it: film by its length and camera, what was said by who said it. What was made of a thing
// belongs to it, and is not counted again: so the number is the same in a question, on its button, on the receipt and in the ledger.
// The command line has the same rule (`crates/protocol/src/amount.rs`), and both are held to `tests/vectors/amount.json`.

/** As the hub has it too. What is empty is left out. */
export interface Amount {
  film?: { camera: string; seconds: number }[];
  said?: { person: string; things: number }[];
  others?: { kind: string; number: number }[];
}

/** What of a recording decides how it is counted. */
export interface Counted {
  kind: string;
  moment: number;
  device: string | null;
  person: string | null;
  seconds: number;
  sources: number[];
  caused_by: number | null;
}

const FILM = 'video';
const SPOKEN = ['voice', 'transcript', 'reply'];
/** What requests leave behind. */
const EFFECTS = ['timer', 'note', 'reminder'];
/** What is made of what was said, and of what was seen. */
const OF_SAID = 'voiceprint';
const OF_SEEN = 'snapshot';

export function amountOf(recordings: Counted[]): Amount {
  const [film, things, others] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const moments = new Set(recordings.map(({ moment }) => moment));
  const said = new Set<number>();
  for (const recording of recordings) {
    const { kind, moment } = recording;
    if (kind === FILM) add(film, recording.device ?? '', recording.seconds);
    else if (SPOKEN.includes(kind)) {
      if (!said.has(moment)) add(things, recording.person ?? '', 1);
      said.add(moment);
    } else if (!belongs(recording, moments)) add(others, kind, 1);
  }
  return counted(film, things, others);
}

/**
 * The same out of what a receipt or the ledger says: so many of each kind, and of film how many seconds. Whose they were is not in it. Null
 * of what an earlier release wrote, which did not say how long film was.
 */
export function amountOfKinds(kinds: { kind: string; count: number; seconds?: number | undefined }[]): Amount | null {
  const [film, others] = [new Map<string, number>(), new Map<string, number>()];
  let said = 0;
  for (const { kind, count, seconds } of kinds) {
    if (kind === FILM && seconds === undefined) return null;
    if (kind === FILM) add(film, '', seconds ?? 0);
    else if (SPOKEN.includes(kind)) said = Math.max(said, count);
    else add(others, kind, count);
  }
  // What was said left these behind, and what was seen: they are its own.
  if (said) for (const kind of [OF_SAID, ...EFFECTS]) others.delete(kind);
  if (film.size) others.delete(OF_SEEN);
  return counted(film, said ? new Map([['', said]]) : new Map<string, number>(), others);
}

/** A length in what people say of it: whole seconds first, as a receipt has them, so that both round to the same. */
export function lengthIn(seconds: number): { hours: number; minutes: number; seconds: number } {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return { hours: 0, minutes: 0, seconds: whole };
  const minutes = Math.round(whole / 60);
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60, seconds: 0 };
}

function counted(film: Map<string, number>, said: Map<string, number>, others: Map<string, number>): Amount {
  return {
    ...(film.size > 0 && { film: [...film].map(([camera, seconds]) => ({ camera, seconds })) }),
    ...(said.size > 0 && { said: [...said].map(([person, things]) => ({ person, things })) }),
    ...(others.size > 0 && { others: [...others].map(([kind, number]) => ({ kind, number })) }),
  };
}

function add(to: Map<string, number>, key: string, more: number): void {
  to.set(key, (to.get(key) ?? 0) + more);
}

/** Whether it was made of something else that is among these moments, or left behind by it. */
function belongs({ kind, moment, sources, caused_by }: Counted, moments: ReadonlySet<number>): boolean {
  if (EFFECTS.includes(kind)) return caused_by !== null && moments.has(caused_by);
  return sources.some((source) => source !== moment && moments.has(source));
}
