// Opening an age file with a member's identity.

import { age } from './age';

/** Throws when it is not sealed to this identity, or when a byte of it was changed. */
export async function open(identity: CryptoKey, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const { Decrypter } = await age();
  const file = new Decrypter();
  file.addIdentity(identity);
  return new Uint8Array(await file.decrypt(sealed));
}
