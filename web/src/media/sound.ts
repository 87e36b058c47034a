/** Whether film of this media type holds sound: it names a second codec. The hub says the same in `crates/camera/src/segment.rs`. */
export function holdsSound(type: string): boolean {
  return (/codecs="?([^"]*)/.exec(type)?.[1] ?? '').includes(',');
}
