// A camera before it is added or changed: found on the network, tried, and its stream chosen.

import { ask, Problem } from '../hub/api';
import type { Sentence } from '../words/hub';
import { cameraAddress } from './address';

/** A camera that answered. */
export interface Found {
  name: string | null;
  model: string | null;
  host: string;
  address: string;
  known: string | null;
}

/** What came of trying one. */
export interface Tried {
  model: string | null;
  streams: { name: string; codec: string | null; width: number; height: number; address: string }[];
  chosen: string | null;
  width: number;
  height: number;
  picture: string | null;
  media_type: string;
  trouble: Sentence | null;
  usual_password: boolean;
}

/** How a camera is reached, as it is typed. */
export interface Reached {
  address: string;
  user: string;
  password: string;
}

/** Cameras on the home's network. */
export const find = (): Promise<Found[]> => ask<Found[]>('POST', '/api/cameras/find', {});

/** Tries one: it is asked for its streams, and for a picture. */
export const tryOut = ({ address, user, password }: Reached): Promise<Tried> => ask<Tried>('POST', '/api/cameras/try', { address: address.trim(), user, password });

/** The address of its film, for the strongbox and for the document; the camera is asked where what was typed is not that of a stream. */
export async function streamOf(reached: Reached, tried: Tried | null): Promise<{ whole: string; host: string } | null> {
  if (/^rtsp:\/\//i.test(reached.address.trim())) return cameraAddress(reached.address, reached.user, reached.password);
  const known = tried ?? (await tryOut(reached));
  if (known.trouble) throw new Problem(400, 'camera', known.trouble.text, known.trouble.values ?? {}, known.trouble.code);
  const inside = /^(?:http:\/\/)?([^/?#]*)@/i.exec(reached.address.trim())?.[1];
  const stream = known.chosen ?? '';
  if (reached.user || !inside) return cameraAddress(stream, reached.user, reached.password);
  return cameraAddress(stream.replace('rtsp://', `rtsp://${inside}@`), '', '');
}
