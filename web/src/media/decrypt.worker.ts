// Opens age files away from the page, so that nothing on it waits. The member's key comes with each file, as one that nobody
// can read out of the browser, and goes with it.

import { opened, Refused } from './age';
import type { Answer, Job, Piece } from './decrypt';

addEventListener('message', ({ data }: MessageEvent<Job>) => void work(data));

async function work({ id, keys, port }: Job): Promise<void> {
  const say = (answer: Answer, give: Transferable[] = []) => port.postMessage(answer, give);
  try {
    for await (const plain of opened(arriving(port), id, keys)) say({ plain }, [plain.buffer]);
    say({ end: true });
  } catch (why) {
    say({ refused: why instanceof Refused ? why.why : 'altered' });
  } finally {
    port.close();
  }
}

/** What the page puts into the port, until it says that this is all. */
async function* arriving(port: MessagePort): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const waiting: Piece[] = [];
  let wake = (): void => undefined;
  port.onmessage = ({ data }: MessageEvent<Piece>) => {
    waiting.push(data);
    wake();
  };
  for (;;) {
    const piece = waiting.shift();
    if (piece === null) return;
    if (piece) yield piece;
    else await new Promise<void>((next) => (wake = next));
  }
}
