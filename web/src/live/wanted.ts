// What somebody has just tapped on to watch: the page that it leads to begins with that tap, and with no other visit to it.

let wanted: string | null = null;

/** Whoever goes to the page of this camera, or of all (``), wants to watch it. */
export function want(camera: string): void {
  wanted = camera;
}

/** Whether that was wanted; once. */
export function isWanted(camera: string): boolean {
  const is = wanted === camera;
  wanted = null;
  return is;
}
