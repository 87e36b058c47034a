// The hub's event stream: it keeps every open page true.

import { Problem, send } from './api';

const AGAIN = 2000;

/** Calls `happened` for each event, and `lost` when the session is over, until the answer is called. */
export function listen(happened: (kind: string) => void, lost: () => void): () => void {
  const stop = new AbortController();
  void (async () => {
    while (!stop.signal.aborted) {
      try {
        const answer = await send('GET', '/api/events', undefined, stop.signal);
        // What happened while nobody listened is found by looking again.
        happened('began');
        await read(answer, happened);
      } catch (why) {
        if (why instanceof Problem && why.status === 401) return lost();
      }
      await new Promise((wait) => setTimeout(wait, AGAIN));
    }
  })();
  return () => stop.abort();
}

async function read(answer: Response, happened: (kind: string) => void): Promise<void> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  while (reader) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((line) => line.startsWith('data:'))) {
      happened(String((JSON.parse(line.slice(5)) as { event?: string }).event));
    }
  }
}
