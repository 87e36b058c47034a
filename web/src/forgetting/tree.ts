// What goes: entries as the timeline has them, and of each what was made of it; and where copies are.

import type { Preview, Recording } from '../hub/api';
import { lengthOf } from '../media/amount';
import { capital, entries, type Entry, what } from '../media/entries';
import { isEffect } from '../media/whose';
import { list } from '../words/index.svelte';
import { forgetting } from '../words/forgetting';
import { said, type Sentence } from '../words/hub';

export interface Branch {
  entry: Entry;
  lines: string[];
  /** What the request in it left behind, and goes with it in any case. */
  along: Recording[];
  /** What the request in it left behind, and goes only if that is wished. */
  effects: Recording[];
}

/** The entries that go, the newest first, and effects whose cause is not among them. */
export function branches({ goes, effects }: Preview): { branches: Branch[]; alone: Recording[] } {
  const chosen = goes.filter(({ kind }) => kind !== 'voiceprint');
  const byTime = [...chosen].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  const found = entries(byTime);
  const causes = new Set(found.flatMap(({ moments }) => moments));
  return {
    branches: found.map((entry) => ({ entry, lines: lines(entry), along: chosen.filter((one) => isEffect(one) && !entry.recordings.includes(one) && entry.moments.includes(one.caused_by ?? -1)), effects: effects.filter((effect) => entry.moments.includes(effect.caused_by ?? -1)) })),
    alone: effects.filter((effect) => !causes.has(effect.caused_by ?? -1)),
  };
}

function lines({ recordings }: Entry): string[] {
  const of = (kind: string) => recordings.filter((recording) => recording.kind === kind);
  const long = (some: Recording[]) => lengthOf(some.reduce((sum, { seconds }) => sum + seconds, 0));
  const [voice, video, pictures] = [of('voice'), of('video'), of('snapshot')];
  const others = recordings.filter(({ kind }) => !['voice', 'video', 'snapshot', 'transcript', 'reply'].includes(kind));
  return [
    ...(voice.length ? [forgetting.sound(long(voice))] : []),
    ...(of('transcript').length ? [forgetting.words] : []),
    ...(of('reply').length ? [forgetting.reply] : []),
    ...(video.length ? [forgetting.video(long(video))] : []),
    ...(pictures.length ? [forgetting.snapshots(pictures.length)] : []),
    ...(others.length ? [forgetting.other(list([...new Set(others.map(what))]))] : []),
  ];
}

/** People whose voiceprint is made again. */
export function madeAgain({ goes }: Preview): string[] {
  return [...new Set(goes.filter(({ kind }) => kind === 'voiceprint').map(({ person, owner }) => person ?? owner))];
}

/** `The 6 seconds of sound, the words, the answer`. */
export function told(lines: string[]): string {
  return capital(lines.join(', '));
}

export interface Copies {
  /** Copies that follow, in sentences. */
  places: string[];
  /** Whether an image of the whole machine could bring it back. */
  machine: boolean;
  /** Whether there are rarer ways, which the receipt names. */
  beyond: boolean;
}

/** Where copies are, out of the hub's sentences. */
export function copies(sentences: Sentence[]): Copies {
  const found: Copies = { places: [], machine: false, beyond: false };
  for (const sentence of sentences) {
    const what = sentence.values?.['what'] ?? '';
    switch (sentence.code) {
      case 'copies-data': found.places.push(forgetting.dataCopies); break;
      case 'copies-mirror': found.places.push(forgetting.mirror(sentence.values?.['path'] ?? '')); break;
      case 'copies-beyond':
        if (/^an image/.test(what)) found.machine = true;
        else found.beyond = true;
        break;
      default: found.places.push(said(sentence));
    }
  }
  return found;
}
