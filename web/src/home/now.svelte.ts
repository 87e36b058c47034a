// The time, once a second, for what counts down; as the hub has it, whose timers they are.

export const now = $state({ at: Date.now() });

/** By how many milliseconds the hub's clock is ahead of this one. */
let ahead = 0;

/** Takes the hub's time from an answer of its. To the second, so that a difference below two of them is none. */
export function adjust(answer: Response): void {
  const at = Date.parse(answer.headers.get('date') ?? '');
  const found = at + 500 - Date.now();
  ahead = Number.isFinite(found) && Math.abs(found) > 2000 ? found : 0;
  now.at = Date.now() + ahead;
}

/** Lets the time pass until the answer is called. */
export function tick(): () => void {
  const beat = () => (now.at = Date.now() + ahead);
  beat();
  const every = setInterval(beat, 1000);
  return () => clearInterval(every);
}
