// Decodes a camera's pictures as they come and draws each at once.

import { base64 } from '@scure/base';
import type { Track, Unit } from './stream';

/** Pictures that wait for the decoder; with more the rest is left out up to the next key frame. */
const MOST_WAITING = 60;
/** With more that wait, what comes out is of before and is not shown: only the newest is. */
const CATCHING_UP = 2;
/** So many decoders in a row that could not decode a thing: then it is this browser, and not what was lost on the way. */
const FAILED = 3;

/** Whether this browser can decode anything as it comes. */
export const canDecode = (): boolean => 'VideoDecoder' in window;

export class Picture {
  #decoder: VideoDecoder | null = null;
  #config: VideoDecoderConfig | null = null;
  /** What is to come before anything is shown again. */
  #wantsKey = true;
  /** When what is decoded arrived, by the number that it is decoded under. */
  #arrived = new Map<number, number>();
  #number = 0;
  #closed = false;
  /** Decoders that failed since a picture was there. */
  #failed = 0;

  /** `shown` is told when a picture that is drawn arrived; `unable`, that this browser does not decode it. */
  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly shown: (arrived: number) => void,
    readonly unable: () => void,
  ) {}

  async track({ codec, description }: Track): Promise<void> {
    const config: VideoDecoderConfig = { codec, optimizeForLatency: true };
    const bytes = base64.decode(description);
    if (bytes.length) config.description = new Uint8Array(bytes);
    this.#stop();
    this.#config = config;
    const { supported } = await VideoDecoder.isConfigSupported(config).catch(() => ({ supported: false }));
    if (!this.#closed && !supported && this.#config === config) this.unable();
  }

  unit({ kind, arrived, data }: Unit): void {
    if (!this.#config || this.#closed) return;
    if (kind === 'key') this.#wantsKey = false;
    else if ((this.#decoder?.decodeQueueSize ?? 0) > MOST_WAITING) this.#wantsKey = true;
    if (this.#wantsKey) return;
    const timestamp = this.#number++;
    this.#arrived.set(timestamp, arrived);
    try {
      this.#decoder ??= this.#start(this.#config);
      this.#decoder.decode(new EncodedVideoChunk({ type: kind === 'key' ? 'key' : 'delta', timestamp, data }));
    } catch {
      this.#fail();
    }
  }

  /** Nothing of it is left. */
  close(): void {
    this.#closed = true;
    this.#stop();
    this.canvas.width = 0;
  }

  #start(config: VideoDecoderConfig): VideoDecoder {
    const decoder: VideoDecoder = new VideoDecoder({
      output: (frame) => this.#draw(frame, decoder),
      // What cannot be decoded costs the pictures up to the next key frame.
      error: () => decoder === this.#decoder && this.#fail(),
    });
    decoder.configure(config);
    return decoder;
  }

  #draw(frame: VideoFrame, decoder: VideoDecoder): void {
    const arrived = this.#arrived.get(frame.timestamp);
    for (const number of this.#arrived.keys()) {
      if (number > frame.timestamp) break;
      this.#arrived.delete(number);
    }
    this.#failed = 0;
    try {
      if (this.#closed || decoder !== this.#decoder || arrived === undefined || decoder.decodeQueueSize > CATCHING_UP) return;
      const { displayWidth, displayHeight } = frame;
      if (this.canvas.width !== displayWidth || this.canvas.height !== displayHeight) {
        Object.assign(this.canvas, { width: displayWidth, height: displayHeight });
      }
      this.canvas.getContext('2d', { alpha: false, desynchronized: true })?.drawImage(frame, 0, 0);
      this.shown(arrived);
    } finally {
      frame.close();
    }
  }

  #fail(): void {
    this.#stop();
    if (++this.#failed === FAILED && !this.#closed) this.unable();
  }

  #stop(): void {
    const decoder = this.#decoder;
    this.#decoder = null;
    this.#wantsKey = true;
    this.#arrived.clear();
    if (decoder && decoder.state !== 'closed') decoder.close();
  }
}
