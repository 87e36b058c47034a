// A device as the hub says it is; what it is for stands in the household document.

import type { Sentence } from '../words/hub';

/** Why a camera may not answer that whoever added it can put right: its address, or its user and password. */
const OF_ITS_ADDRESS = ['no-address', 'password-needed', 'wrong-password', 'unknown-name', 'refused', 'no-answer', 'no-stream', 'garbage', 'no-video'];

export interface DeviceView {
  name: string;
  said: Sentence;
  recording: boolean;
  sound: boolean;
  missed: { from: string; to: string | null; said: Sentence }[];
  /** The newest piece of film that is kept. */
  last?: { recording: number; moment: number; start: string; seconds: number } | null;
}

/** Whether a camera is not recorded for a reason that its address, user or password may be. */
export function isMistaken({ recording, said, missed }: Pick<DeviceView, 'recording' | 'said' | 'missed'>): boolean {
  const why = said.because ?? missed.find(({ to }) => to === null)?.said ?? said;
  return !recording && OF_ITS_ADDRESS.some((word) => why.code === `camera-${word}`);
}
