// What a camera sends now: a WebSocket whose messages are sealed to whoever is signed in. Nothing of it is kept anywhere.

import { base64 } from '@scure/base';
import { Problem, send } from '../hub/api';
import * as keys from '../keys';

/** How a camera's pictures and sound are made, as the hub says it; `LiveTrack` of the API. */
export interface Track {
  codec: string;
  /** In base64. */
  description: string;
  width: number;
  height: number;
  sound?: { codec: string; description: string; rate: number; channels: number } | null;
}

/** One picture or frame of sound. */
export interface Unit {
  kind: 'key' | 'picture' | 'sound';
  /** It was there before: to be decoded, and not to be shown one by one. */
  past: boolean;
  /** When it came to the hub, in milliseconds since 1970. */
  arrived: number;
  data: Uint8Array<ArrayBuffer>;
}

/** What is told of a live picture. */
export interface Heard {
  /** Whoever watches is in the ledger from here on. */
  began: () => void;
  track: (track: Track) => void;
  unit: (unit: Unit) => void;
  /** It is over: why, in the hub's word; or what went wrong. Nothing comes after it. */
  over: (why: Over) => void;
}

/** Why a live picture is over. Without a word the connection broke. */
export type Over = { word: string } | { problem: Problem };

/** The head of each message, inside what is sealed; see `LiveHead` of the API. */
const HEAD = 18;
const KINDS = ['track', 'key', 'picture', 'sound'] as const;
/** What is authenticated beside it: one camera's pictures stand for no other's. */
const context = (camera: string) => new TextEncoder().encode(`porchlight live 1 ${camera}`);

const path = (camera: string): string => `/api/cameras/${encodeURIComponent(camera)}/live`;

/** Watches a camera, by its id in the household's document, until the answer is called. */
export function watch(camera: string, heard: Heard): () => void {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path(camera)}`);
  socket.binaryType = 'arraybuffer';
  let open = true;
  let key: Promise<CryptoKey> | null = null;
  let next = 0;
  // Messages are opened side by side and told in their order.
  let order = Promise.resolve();

  function end(why: Over): void {
    if (!open) return;
    open = false;
    socket.close();
    heard.over(why);
  }

  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data === 'string') {
      // There is one key, and nobody puts another in its place.
      key = key ? Promise.reject(new Error('another key came')) : opened(data);
      order = order.then(() => key).then(() => {
        if (open) heard.began();
      });
    } else {
      const number = next++;
      const plain = (key ?? Promise.reject(new Error('sealed before its key came'))).then((key) => unseal(key, camera, number, data));
      // Whatever comes after one that does not open is of no use.
      plain.catch(() => undefined);
      order = order.then(() => plain).then((message) => tell(message));
    }
    order.catch((why: unknown) => end({ problem: why instanceof Problem ? why : new Problem(0, 'live-altered', String(why)) }));
  };
  socket.onclose = ({ reason }) => {
    if (!open) return;
    // What came before is told first.
    if (key) void order.then(() => end({ word: reason }), () => undefined);
    else void whyNot(camera).then(end);
  };

  function tell(message: Uint8Array<ArrayBuffer>): void {
    if (!open) return void message.fill(0);
    const kind = KINDS[message[0] ?? -1];
    const data = message.subarray(HEAD);
    const view = new DataView(message.buffer);
    if (kind === 'track') heard.track(JSON.parse(new TextDecoder().decode(data)) as Track);
    else if (kind) heard.unit({ kind, past: (view.getUint8(1) & 1) !== 0, arrived: Number(view.getBigInt64(2)), data });
  }

  return () => {
    open = false;
    socket.close();
  };
}

/** A browser does not say why a socket was refused: the same is asked without one, which opens nothing. */
async function whyNot(camera: string): Promise<Over> {
  try {
    await send('GET', path(camera));
  } catch (why) {
    // It would be let in: the connection broke.
    if (why instanceof Problem && why.word !== 'socket-needed') return { problem: why };
  }
  return { word: '' };
}

async function opened(opening: string): Promise<CryptoKey> {
  const { key } = JSON.parse(opening) as { key: string };
  const raw = await keys.openMine(new Uint8Array(base64.decode(key)));
  try {
    return await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']);
  } finally {
    raw.fill(0);
  }
}

async function unseal(key: CryptoKey, camera: string, number: number, sealed: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setBigUint64(4, BigInt(number));
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: context(camera) }, key, sealed));
}
