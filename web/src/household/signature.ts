// Signing a household document, and checking who did.

import { base64 } from '@scure/base';
import { FORMAT, write, type Household, type SignedDocument } from './document';

/** What stands before the text in what is signed, so that a signature over it can mean nothing else. */
const CONTEXT = 'porchlight household document v1\0';

/** Signs with a member's key, which stays where it is. */
export type Sign = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;

/** Signs a household as it is. */
export async function signed(household: Household, signer: string, sign: Sign): Promise<SignedDocument> {
  const document = write(household);
  return { format: FORMAT, document, signer, signature: base64.encode(await sign(bytes(document))) };
}

/** Whether the signature was made with the private half of this public key, base64. */
export function isSignedBy(document: SignedDocument, signer: string): Promise<boolean> {
  return isSignature(signer, document.signature, bytes(document.document));
}

/** Whether a signature over bytes was made with the private half of this public key; both base64. */
export async function isSignature(signer: string, signature: string, over: Uint8Array<ArrayBuffer>): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(base64.decode(signer)), { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, new Uint8Array(base64.decode(signature)), over);
  } catch {
    // No key, or no signature.
    return false;
  }
}

function bytes(document: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(CONTEXT + document);
}
