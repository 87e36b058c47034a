import { Resampler } from '../src/talk/resample';
import { LONGEST, RATE, Sound } from '../src/talk/wav';
import config from '../playwright.config';
import { expect, test } from './test';

// There is a microphone, and nobody who says yes when this browser asks for it.
const launchOptions = config.use!.launchOptions!;
test.use({ launchOptions: { ...launchOptions, args: [...launchOptions.args!, '--use-fake-device-for-media-stream'] } });

test('why there is no microphone is told in words', async ({ somebody, page }) => {
  await somebody.signIn();
  await page.getByRole('button', { name: 'Talk', exact: true }).click();
  const button = page.locator('.say button');
  await button.click();
  await expect(page.getByRole('alert')).toHaveText(/does not let Porchlight use the microphone/);
  await somebody.isSound('home-no-microphone');
  await page.evaluate(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))));
  await button.click();
  await expect(page.getByRole('alert')).toHaveText(/There is no microphone here/);
  await page.evaluate(() => Object.defineProperty(window, 'isSecureContext', { value: false }));
  await button.click();
  await expect(page.getByRole('alert')).toHaveText(/secure pages only/);
});

test('a voice keeps its pitch at another rate, and nothing is folded into it', () => {
  for (const from of [48_000, 44_100, 96_000, 16_000, 8_000]) {
    const kept = power(resampled(from, 1_000), 1_000);
    expect(kept, `a tone at ${from}`).toBeGreaterThan(0.98);
    expect(kept).toBeLessThan(1.02);
    // What is above the new rate's half must not come back below it.
    if (from > 2 * RATE) expect(power(resampled(from, 11_000), 5_000), `an overtone at ${from}`).toBeLessThan(1e-3);
  }
});

test('a sound is a WAV file of at most two minutes', async () => {
  const sound = new Sound();
  for (let n = 0; n < 130; n += 1) sound.add(new Float32Array(RATE).fill(2));
  expect(sound.seconds).toBe(LONGEST);
  expect(sound.full).toBe(true);
  const file = new DataView(await sound.wav().arrayBuffer());
  expect(file.byteLength).toBe(44 + 2 * RATE * LONGEST);
  expect([file.getUint16(22, true), file.getUint32(24, true), file.getUint16(34, true)]).toEqual([1, RATE, 16]);
  expect(file.getInt16(44, true), 'louder than loud is loud').toBe(0x7fff);
  sound.erase();
  expect(sound.seconds).toBe(0);
});

/** Two seconds of a tone, in pieces as a microphone gives them. */
function resampled(from: number, hertz: number): Float32Array {
  const resampler = new Resampler(from, RATE);
  const all: number[] = [];
  for (let at = 0; at < 2 * from; at += 2048) {
    all.push(...resampler.push(Float32Array.from({ length: 2048 }, (_, n) => Math.sin((2 * Math.PI * hertz * (at + n)) / from))));
  }
  all.push(...resampler.end());
  return Float32Array.from(all);
}

/** How strong a tone is in the middle of a sound: 1 for as strong as can be. */
function power(sound: Float32Array, hertz: number): number {
  const middle = sound.slice(RATE / 2, RATE / 2 + RATE);
  let [real, imaginary] = [0, 0];
  middle.forEach((sample, n) => {
    real += sample * Math.cos((2 * Math.PI * hertz * n) / RATE);
    imaginary += sample * Math.sin((2 * Math.PI * hertz * n) / RATE);
  });
  return (2 * Math.hypot(real, imaginary)) / middle.length;
}
