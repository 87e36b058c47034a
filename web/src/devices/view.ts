// A device as the hub says it is; what it is for stands in the household document.

import type { Sentence } from '../words/hub';

export interface DeviceView {
  name: string;
  said: Sentence;
  recording: boolean;
  sound: boolean;
  missed: { from: string; to: string | null; said: Sentence }[];
  /** The newest piece of film that is kept. */
  last?: { recording: number; moment: number; start: string; seconds: number } | null;
}
