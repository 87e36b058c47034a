// The microphone of this phone or computer, while somebody speaks and no longer.

import recorder from './recorder?worker&url';
import { Resampler } from './resample';
import { RATE, Sound } from './wav';

/** Why there is no sound: the page is not secure, it was refused, there is none, or something else has it. */
export type Why = 'insecure' | 'refused' | 'missing' | 'taken';

export class NoMicrophone extends Error {
  constructor(readonly why: Why) {
    super(why);
  }
}

export interface Microphone {
  readonly sound: Sound;
  /** Lets go of the microphone. The sound is whole then. */
  stop: () => Promise<void>;
}

/** How long the last piece of the sound may take to arrive, in milliseconds: a phone that takes a call hands on nothing more. */
const PATIENCE = 1000;

/** Opens the microphone; `heard` is told how loud it is, from 0 to 1, about twenty times a second, `lost` when it is taken away. */
export async function open(heard: (level: number) => void, lost: () => void): Promise<Microphone> {
  // Elsewhere than on secure pages a browser does not even say that there are microphones.
  if (!isSecureContext || !navigator.mediaDevices) throw new NoMicrophone('insecure');
  // All that takes time comes before the microphone, so that no beginning of a sentence is lost to it.
  const context = new AudioContext();
  let stream: MediaStream | null = null;
  const letGo = () => stream?.getTracks().forEach((track) => track.stop());
  try {
    await context.audioWorklet.addModule(recorder);
    stream = await navigator.mediaDevices
      .getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } })
      .catch((error: unknown) => {
        throw new NoMicrophone(reason(error));
      });
    await context.resume();
  } catch (why) {
    letGo();
    await context.close();
    throw why;
  }
  stream.getTracks().forEach((track) => (track.onended = lost));
  const sound = new Sound();
  const resampler = new Resampler(context.sampleRate, RATE);
  const node = new AudioWorkletNode(context, 'recorder', { numberOfOutputs: 0 });
  const ended = new Promise<void>((done) => {
    node.port.onmessage = ({ data: piece }: MessageEvent<Float32Array | null>) => {
      if (!piece) return done();
      heard(loudness(piece));
      sound.add(resampler.push(piece));
      piece.fill(0);
    };
  });
  context.createMediaStreamSource(stream).connect(node);
  return {
    sound,
    stop: async () => {
      node.port.postMessage(null);
      await Promise.race([ended, new Promise((late) => setTimeout(late, PATIENCE))]);
      sound.add(resampler.end());
      letGo();
      await context.close();
    },
  };
}

function reason(error: unknown): Why {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing';
  return name === 'NotReadableError' || name === 'AbortError' ? 'taken' : 'refused';
}

/** From a whisper, 0, to as loud as can be, 1. */
function loudness(piece: Float32Array): number {
  const power = piece.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, piece.length);
  const decibels = 10 * Math.log10(power + 1e-9);
  return Math.max(0, Math.min(1, (decibels + 55) / 45));
}
