// Which recording an age file is. Its header says so beside its recipients, in a stanza that other age tools pass over.

const STANZA = '-> porchlight-recording';

/**
 * Whether a file that opened may be recording `id`. Opening it has checked its header, so that the stanza was put there by whoever
 * sealed the recording; one that was sealed before there were such stanzas may be any.
 */
export function mayBe(file: Uint8Array, id: number): boolean {
  const named = header(file).filter((line) => line.startsWith(STANZA));
  return named.every((line) => line === `${STANZA} ${id}`);
}

/** The lines of an age header, up to its MAC. They are text, whatever comes behind them. */
function header(file: Uint8Array): string[] {
  const lines: string[] = [];
  for (let start = 0; start < file.length; ) {
    const end = file.indexOf(0x0a, start);
    const line = String.fromCharCode(...file.subarray(start, Math.min(end < 0 ? file.length : end, start + 256)));
    if (end < 0 || line.startsWith('--- ')) break;
    lines.push(line);
    start = end + 1;
  }
  return lines;
}
