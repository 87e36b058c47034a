// Runs beside the page, on the browser's own sound thread: hands on what the microphone gives, in pieces of about a twentieth of a second.

// What such a thread knows, which TypeScript's browser library does not.
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
  abstract process(inputs: Float32Array[][]): boolean;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

const PIECE = 2048;

class Recorder extends AudioWorkletProcessor {
  private piece = new Float32Array(PIECE);
  private filled = 0;
  private over = false;

  constructor() {
    super();
    this.port.onmessage = () => {
      this.hand();
      this.over = true;
      this.port.postMessage(null);
    };
  }

  override process([channels = []]: Float32Array[][]): boolean {
    const length = channels[0]?.length ?? 0;
    for (let at = 0; at < length && !this.over; at += 1) {
      // Of more than one channel, all of them equally.
      let sum = 0;
      for (const channel of channels) sum += channel[at]!;
      this.piece[this.filled] = sum / channels.length;
      this.filled += 1;
      if (this.filled === PIECE) this.hand();
    }
    return !this.over;
  }

  private hand(): void {
    const piece = this.piece.slice(0, this.filled);
    this.port.postMessage(piece, [piece.buffer]);
    this.piece.fill(0);
    this.filled = 0;
  }
}

registerProcessor('recorder', Recorder);
