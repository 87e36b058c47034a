// The hub's event stream. One for the whole app: it keeps every open page true.

import { Problem, send } from './api';

/** What happened. `began` is the app's own: the stream was opened (again), and whatever happened before has to be looked up. */
export interface Happening {
  event: string;
  /** Of `forgotten`. */
  moments?: number[];
  /** Of `camera`, `answered` and `timer-ended`. */
  device?: string | null;
  [more: string]: unknown;
}

/** Since when the hub has been out of reach; null while the stream is open. */
export const stream = $state<{ lostAt: Date | null }>({ lostAt: null });

/** After a broken stream, in milliseconds. */
const AGAIN = 1000;
const listeners = new Set<(what: Happening) => void>();
let stop: AbortController | null = null;

/** Calls `happened` for each event, until the answer is called. */
export function listen(happened: (what: Happening) => void): () => void {
  listeners.add(happened);
  if (!stop) {
    stop = new AbortController();
    void follow(stop.signal);
  }
  return () => {
    listeners.delete(happened);
    if (listeners.size > 0) return;
    stop?.abort();
    stop = null;
  };
}

async function follow(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const answer = await send('GET', '/api/events', undefined, signal);
      stream.lostAt = null;
      tell({ event: 'began' });
      await read(answer);
    } catch (why) {
      // Nobody is signed in any more; the app has been told already.
      if (signal.aborted || (why instanceof Problem && why.status === 401)) return;
    }
    stream.lostAt ??= new Date();
    await new Promise((wait) => setTimeout(wait, AGAIN));
  }
}

async function read(answer: Response): Promise<void> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  while (reader) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((line) => line.startsWith('data:'))) {
      tell(JSON.parse(line.slice(5)) as Happening);
    }
  }
}

function tell(what: Happening): void {
  for (const happened of [...listeners]) happened(what);
}
