// Decodes a camera's sound as it comes and plays it a little behind.

import { base64 } from '@scure/base';
import type { Track, Unit } from './stream';

/** How far ahead of the loudspeaker the first of it is put, and how far at most, in seconds. */
const AHEAD = 0.08;
const MOST_AHEAD = 0.6;

export class Sound {
  #context = new AudioContext({ latencyHint: 'interactive' });
  #decoder: AudioDecoder | null = null;
  #next = 0;
  #number = 0;

  #unable: () => void;

  /** `unable` is told where this browser does not decode it. */
  constructor({ codec, description, rate, channels }: NonNullable<Track['sound']>, unable: () => void) {
    this.#unable = unable;
    const config: AudioDecoderConfig = { codec, sampleRate: rate, numberOfChannels: channels };
    const bytes = base64.decode(description);
    if (bytes.length) config.description = new Uint8Array(bytes);
    void this.#start(config).catch(unable);
  }

  unit({ past, data }: Unit): void {
    if (past || this.#decoder?.state !== 'configured') return;
    this.#decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: this.#number++, data }));
  }

  close(): void {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = null;
    void this.#context.close().catch(() => undefined);
  }

  async #start(config: AudioDecoderConfig): Promise<void> {
    const { supported } = await AudioDecoder.isConfigSupported(config);
    if (!supported) throw new Error('this sound is not decoded here');
    if (this.#context.state === 'closed') return;
    const decoder: AudioDecoder = new AudioDecoder({ output: (data) => this.#play(data), error: () => decoder === this.#decoder && this.#unable() });
    decoder.configure(config);
    this.#decoder = decoder;
    await this.#context.resume();
  }

  #play(data: AudioData): void {
    try {
      const { currentTime } = this.#context;
      if (this.#next < currentTime) this.#next = currentTime + AHEAD;
      // What would come too late is left out.
      if (this.#context.state !== 'running' || this.#next > currentTime + MOST_AHEAD) return;
      const buffer = this.#context.createBuffer(data.numberOfChannels, data.numberOfFrames, data.sampleRate);
      for (let channel = 0; channel < data.numberOfChannels; channel++) {
        data.copyTo(buffer.getChannelData(channel), { planeIndex: channel, format: 'f32-planar' });
      }
      const source = this.#context.createBufferSource();
      source.buffer = buffer;
      source.connect(this.#context.destination);
      source.start(this.#next);
      this.#next += buffer.duration;
    } finally {
      data.close();
    }
  }
}
