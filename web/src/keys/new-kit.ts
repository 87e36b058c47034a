// Another recovery kit: the same identity, another recovery secret. The one before counts until this one is on paper.

import { ask, Problem } from '../hub/api';
import { makeRecovery, recoveryKey, type Recovery } from './recovery';
import { accountKey, state } from './statement';
import { unlock, type Unlocked } from './step-up.svelte';

/** A kit that was made and does not count yet. */
export interface NewKit {
  /** `AGE-SECRET-KEY-1…`. */
  line: string;
  recovery: Recovery;
  /** Makes it the one that counts; asks once more who it is (`why`) where printing took long. False when they would rather not say. */
  count: (why: string) => Promise<boolean>;
  wipe: () => void;
}

/** Makes one for whoever proves who they are. Null when they would rather not. */
export async function makeKit(why: string): Promise<NewKit | null> {
  let unlocked = await unlock(why);
  if (!unlocked) return null;
  const recovery = await makeRecovery();
  const wipe = () => unlocked?.keys.wipe();
  const count = async (why: string) => {
    try {
      await tell(unlocked!, recovery); // until `wipe`, it is there
    } catch (problem) {
      if (!(problem instanceof Problem && problem.word === 'step-up')) throw problem;
      const again = await unlock(why);
      if (!again) return false;
      wipe();
      unlocked = again;
      await tell(unlocked, recovery);
    }
    return true;
  };
  return { line: new TextDecoder().decode(unlocked.keys.line), recovery, count, wipe };
}

async function tell({ keys, proof }: Unlocked, recovery: Recovery): Promise<void> {
  const signature = await state(keys, 'kit', [proof, recovery.signing.public]);
  await ask('PUT', '/api/account/kit', { proof, recovery_key: recoveryKey(recovery), ...(await accountKey(keys)), signature });
}
