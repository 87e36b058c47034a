// Looking: the hub writes a look into the ledger, then hands out what is sealed; this browser opens it.

import { open } from '../keys';
import { ask, send, type Recording } from '../hub/api';

interface Pass {
  look: number;
  recordings: Recording[];
  sealed_to_others: number;
}

/** A recording that was opened. */
export interface Opened {
  recording: Recording;
  bytes: Uint8Array<ArrayBuffer>;
}

/** One look: what of it is sealed to this member, opened, and how many recordings are sealed to others alone. */
export async function look(ids: number[]): Promise<{ opened: Opened[]; others: number }> {
  const pass = await ask<Pass>('POST', '/api/looks', { selection: { ids }, why: 'open' });
  const opened = await Promise.all(
    pass.recordings.map(async (recording) => {
      const answer = await send('GET', `/api/looks/${pass.look}/${recording.id}`);
      return { recording, bytes: await open(new Uint8Array(await answer.arrayBuffer()), recording.id) };
    }),
  );
  return { opened, others: pass.sealed_to_others };
}
