// What goes, as a tree: entries as the timeline has them, and under each what is made of it.

import type { Preview, Recording } from '../hub/api';
import { entries, type Entry, what } from '../media/entries';
import { list } from '../words/index.svelte';
import { forgetting } from '../words/forgetting';
import { said, type Sentence } from '../words/hub';
import { span } from '../words/time.svelte';

export interface Branch {
  entry: Entry;
  lines: string[];
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
    branches: found.map((entry) => ({ entry, lines: lines(entry), effects: effects.filter((effect) => entry.moments.includes(effect.caused_by ?? -1)) })),
    alone: effects.filter((effect) => !causes.has(effect.caused_by ?? -1)),
  };
}

function lines({ recordings }: Entry): string[] {
  const of = (kind: string) => recordings.filter((recording) => recording.kind === kind);
  const long = (some: Recording[]) => span(some.reduce((sum, { seconds }) => sum + seconds, 0));
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

export interface Copies {
  places: { name: string; more: string }[];
  /** What no forgetting reaches. */
  beyond: string[];
}

/** Where copies are, out of the hub's sentences. */
export function copies(sentences: Sentence[]): Copies {
  const found: Copies = { places: [{ name: forgetting.home, more: forgetting.homeMore }], beyond: [] };
  for (const sentence of sentences) {
    const path = sentence.values?.['path'] ?? '';
    switch (sentence.code) {
      case 'copies-data': found.places.push({ name: forgetting.dataCopies, more: forgetting.dataCopiesMore }); break;
      case 'copies-mirror': found.places.push({ name: forgetting.mirror(path), more: forgetting.mirrorMore }); break;
      // Under a heading that says what it is.
      case 'copies-beyond': found.beyond.push(forgetting.beyond(sentence.values?.['what'] ?? '')); break;
      default: found.places.push({ name: said(sentence), more: '' });
    }
  }
  return found;
}
