// A device as the hub says it is; what it is for stands in the household document.

export interface DeviceView {
  name: string;
  state: string;
  recording: boolean;
  sound: boolean;
  missed: { from: string; to: string | null; why: string }[];
  /** The newest piece of film that is kept. */
  last?: { recording: number; moment: number; start: string; seconds: number } | null;
}
