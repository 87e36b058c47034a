// The sound that the hub takes: 16,000 samples a second, one channel, 16 bits, two minutes at most.

export const RATE = 16_000;
/** The most that can be said at once, in seconds. */
export const LONGEST = 120;

/** A sound as it grows. */
export class Sound {
  private samples = new Int16Array(8 * RATE);
  private length = 0;

  get seconds(): number {
    return this.length / RATE;
  }

  get full(): boolean {
    return this.length >= LONGEST * RATE;
  }

  /** Takes samples from -1 to 1, as many as there is room for. */
  add(piece: Float32Array): void {
    const taken = Math.min(piece.length, LONGEST * RATE - this.length);
    while (this.length + taken > this.samples.length) {
      const wider = new Int16Array(Math.min(2 * this.samples.length, LONGEST * RATE));
      wider.set(this.samples);
      this.samples.fill(0);
      this.samples = wider;
    }
    for (let at = 0; at < taken; at += 1) {
      this.samples[this.length + at] = Math.round(Math.max(-1, Math.min(1, piece[at]!)) * 0x7fff);
    }
    this.length += taken;
  }

  /** The sound so far, as a file. */
  wav(): Blob {
    const size = 2 * this.length;
    const file = new DataView(new ArrayBuffer(44 + size));
    const text = (at: number, word: string) => [...word].forEach((letter, i) => file.setUint8(at + i, letter.charCodeAt(0)));
    text(0, 'RIFF');
    file.setUint32(4, 36 + size, true);
    text(8, 'WAVEfmt ');
    file.setUint32(16, 16, true);
    file.setUint16(20, 1, true);
    file.setUint16(22, 1, true);
    file.setUint32(24, RATE, true);
    file.setUint32(28, 2 * RATE, true);
    file.setUint16(32, 2, true);
    file.setUint16(34, 16, true);
    text(36, 'data');
    file.setUint32(40, size, true);
    for (let at = 0; at < this.length; at += 1) file.setInt16(44 + 2 * at, this.samples[at]!, true);
    return new Blob([file.buffer], { type: 'audio/wav' });
  }

  /** Nothing of it is left here. */
  erase(): void {
    this.samples.fill(0);
    this.length = 0;
  }
}
