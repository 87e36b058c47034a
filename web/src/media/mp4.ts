// What little of a piece of film has to be known here: fragmented MP4 (ISO/IEC 14496-12), as `crates/camera/src/mp4.rs` writes it.

/** How many pictures there are in a piece of film whose beginning this is; 0 where that is not known. */
export function pictures(film: Uint8Array): number {
  const view = new DataView(film.buffer, film.byteOffset, film.byteLength);
  let [from, to] = [0, film.length];
  // The first track is the picture's.
  for (const name of ['moof', 'traf', 'trun']) {
    const found = box(view, name, from, to);
    if (!found) return 0;
    [from, to] = found;
  }
  // Version and flags, then how many samples the run has.
  return to - from >= 8 ? view.getUint32(from + 4) : 0;
}

/** What lies inside the first box with this name. */
function box(view: DataView, name: string, from: number, to: number): [number, number] | null {
  for (let at = from; at + 8 <= Math.min(to, view.byteLength); ) {
    const size = view.getUint32(at);
    if (size < 8) return null;
    const kind = String.fromCharCode(...[4, 5, 6, 7].map((byte) => view.getUint8(at + byte)));
    if (kind === name) return [at + 8, Math.min(at + size, view.byteLength)];
    at += size;
  }
  return null;
}
