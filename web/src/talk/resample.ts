// From the rate that a microphone has to the rate that the hub listens at, with nothing folded into the voice that was not there.
//
// Band-limited interpolation: each new sample is the weighted sum of the old ones around it, by a windowed sinc whose cut-off
// lies below half of the lower rate. The weights repeat, so that each set is computed once.

/** Zero crossings on each side of the middle; more is steeper and slower. */
const CROSSINGS = 24;
/** Where the cut-off lies, as a part of half the lower rate: what is left is the slope of the filter. */
const CUT = 0.92;

/** Takes pieces of a sound at `from` samples a second, and gives what is certain of them at `to` samples a second. */
export class Resampler {
  private readonly step: number;
  private readonly phases: number;
  private readonly reach: number;
  private readonly weights: (Float32Array | undefined)[] = [];
  /** Samples that are still needed; the first of them is number `first` of the whole sound. */
  private held: Float32Array;
  private first: number;
  /** The number of the next sample to be made. */
  private next = 0;

  constructor(
    private readonly from: number,
    private readonly to: number,
  ) {
    const common = divisor(from, to);
    this.step = from / common;
    this.phases = to / common;
    this.reach = Math.ceil(CROSSINGS / this.cut);
    // The sound begins in silence.
    this.held = new Float32Array(this.reach);
    this.first = -this.reach;
  }

  push(piece: Float32Array): Float32Array {
    const all = new Float32Array(this.held.length + piece.length);
    all.set(this.held);
    all.set(piece, this.held.length);
    const known = this.first + all.length;
    const made: number[] = [];
    let middle = this.middle();
    for (; middle + this.reach < known; middle = this.middle()) {
      const weights = this.weigh((this.next * this.step) % this.phases);
      const start = middle - this.reach + 1 - this.first;
      let sum = 0;
      for (let at = 0; at < weights.length; at += 1) sum += all[start + at]! * weights[at]!;
      made.push(sum);
      this.next += 1;
    }
    const needed = Math.max(0, middle - this.reach + 1 - this.first);
    this.held.fill(0);
    this.held = all.slice(needed);
    this.first += needed;
    all.fill(0);
    return Float32Array.from(made);
  }

  /** What is still certain once nothing follows. */
  end(): Float32Array {
    return this.push(new Float32Array(this.reach));
  }

  /** The last old sample at or before the next new one. */
  private middle(): number {
    return Math.floor((this.next * this.step) / this.phases);
  }

  /** In cycles for two old samples. */
  private get cut(): number {
    return CUT * Math.min(1, this.to / this.from);
  }

  /** The weights of the old samples for a new one that lies `phase` of `phases` after an old one. */
  private weigh(phase: number): Float32Array {
    const known = this.weights[phase];
    if (known) return known;
    const weights = new Float32Array(2 * this.reach);
    for (let at = 0; at < weights.length; at += 1) {
      const distance = at - this.reach + 1 - phase / this.phases;
      weights[at] = this.cut * sinc(this.cut * distance) * window(distance / this.reach);
    }
    // What is constant stays as it is.
    const sum = weights.reduce((sum, weight) => sum + weight, 0);
    for (let at = 0; at < weights.length; at += 1) weights[at]! /= sum;
    this.weights[phase] = weights;
    return weights;
  }
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Blackman's, from -1 to 1. */
function window(x: number): number {
  return Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
