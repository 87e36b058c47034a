// What of the timeline is open: words, sounds and pictures, in memory, for as long as somebody looks. Opening is a look.

import { SvelteMap } from 'svelte/reactivity';
import type { Recording } from '../hub/api';
import { whole } from '../media/decrypt';
import { firstFrame } from '../media/frame';
import { each, enter, file } from '../media/looks';
import { shown } from '../words/shown';
import { Index } from './search';

export interface Words {
  transcript?: string;
  reply?: string;
}

export interface Sound {
  recording: Recording;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Sounds that are held at the same time; whoever opens more closes the first. */
const MOST_SOUNDS = 12;
const SPOKEN = ['voice', 'transcript', 'reply'];

export class Opened {
  /** By moment. */
  readonly words = new SvelteMap<number, Words>();
  readonly sounds = new SvelteMap<number, Sound>();
  /** The first pictures of films. */
  readonly pictures = new SvelteMap<number, ImageBitmap>();
  readonly index = new Index();

  /** Opens what was said and heard in one moment, in one look. */
  async open(recordings: Recording[]): Promise<void> {
    await this.take(recordings.filter(({ kind }) => SPOKEN.includes(kind)));
  }

  /** Opens the words of all of these that are not open yet, in one look. */
  async openWords(recordings: Recording[], went: (done: number, of: number) => void, signal: AbortSignal): Promise<void> {
    const wanted = recordings.filter(({ kind, moment }) => (kind === 'transcript' || kind === 'reply') && !this.index.has(moment));
    let done = 0;
    went(0, wanted.length);
    await this.take(wanted, () => went(++done, wanted.length), signal);
  }

  /**
   * Opens words, and the first picture of each of these films, in one look that nobody asked for by hand: what takes a proof stays closed,
   * and so does a film that this browser cannot show.
   */
  async openByItself(words: Recording[], films: Recording[], signal: AbortSignal): Promise<void> {
    const wanted = [...words, ...films];
    if (!wanted.length) return;
    const pass = await enter({ ids: wanted.map(({ id }) => id) });
    await each(pass.recordings, async (recording) => {
      signal.throwIfAborted();
      const bytes = await whole(file(pass, recording.id, signal, false));
      if (recording.kind === 'video') await this.picture(recording, bytes, signal);
      else this.put(recording, bytes);
    });
  }

  /** Forgotten while it may still have been on its way here. */
  private readonly gone = new Set<number>();

  /** Lets go of what was forgotten. */
  forget(moments: number[]): void {
    for (const moment of moments) this.gone.add(moment);
    this.drop(moments);
  }

  clear(): void {
    this.drop(this.moments);
  }

  /** The moments of which something is open. */
  get moments(): number[] {
    return [...new Set([...this.words.keys(), ...this.sounds.keys(), ...this.pictures.keys()])];
  }

  private drop(moments: number[]): void {
    for (const moment of moments) {
      this.words.delete(moment);
      this.pictures.get(moment)?.close();
      this.pictures.delete(moment);
      this.sounds.get(moment)?.bytes.fill(0);
      this.sounds.delete(moment);
    }
    this.index.drop(moments);
  }

  private async take(wanted: Recording[], went: () => void = () => undefined, signal?: AbortSignal): Promise<void> {
    if (!wanted.length) return;
    const pass = await enter({ ids: wanted.map(({ id }) => id) });
    await each(pass.recordings, async (recording) => {
      signal?.throwIfAborted();
      this.put(recording, await whole(file(pass, recording.id, signal)));
      went();
    });
  }

  private async picture({ moment, media_type: type }: Recording, film: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    const image = await firstFrame(film, type).catch(() => null);
    film.fill(0);
    if (image && (signal.aborted || this.gone.has(moment))) image.close();
    else if (image) this.pictures.set(moment, image);
  }

  private put(recording: Recording, bytes: Uint8Array<ArrayBuffer>): void {
    const { kind, moment } = recording;
    if (this.gone.has(moment)) {
      bytes.fill(0);
      return;
    }
    if (kind === 'voice') {
      const first = this.sounds.size >= MOST_SOUNDS ? this.sounds.keys().next().value : undefined;
      if (first !== undefined) this.sounds.delete(first);
      this.sounds.set(moment, { recording, bytes });
      return;
    }
    const words = { ...this.words.get(moment), [kind]: shown(new TextDecoder().decode(bytes)) };
    bytes.fill(0);
    this.words.set(moment, words);
    this.index.add(moment, [words.transcript, words.reply].filter(Boolean).join('\n'));
  }
}
