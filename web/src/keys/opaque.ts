// Proving a passphrase to the hub without showing it: OPAQUE (RFC 9807), as WebAssembly.

/** The passphrase was not right. Nothing that could tell so had been sent yet. */
export class NotRight extends Error {}

/** What the hub answers to the first half of a proof. */
export interface Challenge {
  attempt: string;
  response: string;
}

export interface Proof<C extends Challenge> {
  challenge: C;
  /** The second half, for the hub. */
  finalization: string;
  /** Known to this browser alone: what the identity is wrapped under. */
  exportKey: string;
}

type Opaque = typeof import('@serenity-kit/opaque');
let loading: Promise<Opaque> | null = null;

/** Fetches what the proof needs: a hundred kilobytes, which nobody who is signed in waits for. */
export function ready(): Promise<Opaque> {
  loading ??= import('@serenity-kit/opaque').then(async (opaque) => {
    await opaque.ready;
    return opaque;
  });
  // A hub that was out of reach is asked again at the next press.
  loading.catch(() => (loading = null));
  return loading;
}

/** Proves a passphrase; `start` gives the hub the first half. */
export async function prove<C extends Challenge>(passphrase: string, start: (request: string) => Promise<C>): Promise<Proof<C>> {
  const { client } = await ready();
  const { clientLoginState, startLoginRequest } = client.startLogin({ password: passphrase });
  const challenge = await start(startLoginRequest);
  const login = client.finishLogin({ clientLoginState, loginResponse: challenge.response, password: passphrase });
  if (!login) throw new NotRight();
  return { challenge, finalization: login.finishLoginRequest, exportKey: login.exportKey };
}
