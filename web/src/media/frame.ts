// The first picture of a film, without a player: a segment is a whole film of its own.

/** How long a browser may take, in milliseconds. */
const PATIENCE = 15_000;

/** The first picture. Whoever asked closes it, and then nothing of it is left. Throws when this browser cannot show the film. */
export async function firstFrame(film: Uint8Array<ArrayBuffer>, mediaType: string): Promise<ImageBitmap> {
  const url = URL.createObjectURL(new Blob([film], { type: mediaType }));
  const video = document.createElement('video');
  Object.assign(video, { muted: true, playsInline: true, preload: 'auto' });
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the film does not begin')), PATIENCE);
      const settle = (then: () => void) => () => (clearTimeout(late), then());
      video.onloadeddata = settle(resolve);
      video.onerror = settle(() => reject(new Error(video.error?.message ?? 'the film cannot be shown')));
      video.src = url;
      video.load();
    });
    return await createImageBitmap(video);
  } finally {
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(url);
  }
}

/** Draws a picture onto a canvas. One that was taken off the page keeps its picture until it is cleared. */
export const drawn = (image: ImageBitmap) => (canvas: HTMLCanvasElement) => {
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')?.drawImage(image, 0, 0);
  return () => {
    canvas.width = 0;
  };
};
