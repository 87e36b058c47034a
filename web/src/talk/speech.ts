// Porchlight's own voice in this browser.

/** The language that Porchlight understands and speaks, whatever language this app is in. */
export const TONGUE = 'en';

let now: { sound: HTMLAudioElement; end: () => void } | null = null;

/** Speaks; whatever was spoken before falls silent. False when the browser allows no sound until the page is touched. */
export async function speak(wav: Blob): Promise<boolean> {
  hush();
  const url = URL.createObjectURL(wav);
  const sound = new Audio(url);
  const end = () => {
    sound.pause();
    URL.revokeObjectURL(url);
    if (now?.sound === sound) now = null;
  };
  sound.onended = end;
  sound.onerror = end;
  now = { sound, end };
  try {
    await sound.play();
    return true;
  } catch (why) {
    end();
    // To fall silent before the first sound is no refusal.
    return !(why instanceof DOMException && why.name === 'NotAllowedError');
  }
}

/** Falls silent. */
export function hush(): void {
  now?.end();
}

/** A WAV file out of base64. */
export function wav(base64: string): Blob {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: 'audio/wav' });
}
