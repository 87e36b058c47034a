// What goes, as a tree: entries as the timeline has them, and under each what is made of it.

import type { Preview, Recording } from '../hub/api';
import { entries, type Entry, what } from '../media/entries';
import { list } from '../words/index.svelte';
import { forgetting } from '../words/forgetting';
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

export interface Copy {
  name: string;
  more: string;
  late: boolean;
}

/** Where copies are, out of the hub's sentences. */
export function copies(sentences: string[]): Copy[] {
  const home = { name: forgetting.home, more: forgetting.homeMore, late: false };
  const others = sentences.map((sentence) => {
    if (sentence.startsWith('Copies of the data folder')) return { name: forgetting.dataCopies, more: forgetting.dataCopiesMore, late: false };
    const mirror = /^The strongbox mirror (.+): brought up to date/.exec(sentence)?.[1];
    if (mirror) return { name: forgetting.mirror(mirror), more: forgetting.mirrorMore, late: false };
    const out = /^Out of reach: (.+)$/.exec(sentence)?.[1];
    return out ? { name: forgetting.outOfReach, more: out.charAt(0).toUpperCase() + out.slice(1), late: true } : { name: sentence, more: '', late: false };
  });
  return [home, ...others];
}
