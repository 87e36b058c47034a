// What a sound looks like.

export interface Sound {
  seconds: number;
  /** From 0 to 1, each the loudest of its part of the sound. */
  peaks: number[];
}

/** Rejects when this browser cannot play the sound. */
export async function peaks(sound: Uint8Array<ArrayBuffer>, bars: number): Promise<Sound> {
  // Decoding wants a context; one that is not heard needs nobody's permission. It takes the bytes, so it gets a copy.
  const decoded = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(sound.slice().buffer);
  const samples = decoded.getChannelData(0);
  const each = Math.max(1, samples.length / bars);
  const found = Array.from({ length: bars }, (_, bar) => {
    let most = 0;
    const to = Math.min(samples.length, Math.floor((bar + 1) * each));
    for (let at = Math.floor(bar * each); at < to; at++) most = Math.max(most, Math.abs(samples[at] ?? 0));
    return most;
  });
  samples.fill(0);
  const loudest = Math.max(...found, 0.01);
  return { seconds: decoded.duration, peaks: found.map((peak) => peak / loudest) };
}
