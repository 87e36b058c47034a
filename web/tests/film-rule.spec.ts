// The app's own rules of film, without a page: how much it is, what is one stretch, and what a clip is made of; against the cases that the
// command line is held to.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Clip } from '../src/media/clip';
import { amountOf, amountOfKinds, lengthIn, type Amount, type Counted } from '../src/media/counting';
import { follows, goesOn, type Filmed } from '../src/media/stretches';
import { expect, test } from './test';

const vectors = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, '../../tests/vectors', name), 'utf8'));

test('how much something is, is the same here and at the command line', () => {
  const cases = vectors('amount.json') as {
    amounts: { what: string; recordings: Partial<Counted>[]; amount: Amount }[];
    kinds: { what: string; kinds: { kind: string; count: number; seconds?: number }[]; amount: Amount | null }[];
    lengths: { seconds: number; length: string }[];
  };
  const none = { device: null, person: null, caused_by: null };
  for (const { what, recordings, amount } of cases.amounts) expect.soft(amountOf(recordings.map((one) => ({ ...none, ...one }) as Counted)), what).toEqual(amount);
  for (const { what, kinds, amount } of cases.kinds) expect.soft(amountOfKinds(kinds), what).toEqual(amount);
  const many = (number: number, one: string) => (number ? [`${number.toLocaleString('en')} ${one}${number === 1 ? '' : 's'}`] : []);
  for (const { seconds, length } of cases.lengths) {
    const { hours, minutes, seconds: left } = lengthIn(seconds);
    expect.soft([...many(hours, 'hour'), ...many(minutes, 'minute'), ...many(left, 'second')].join(' '), `${seconds}`).toBe(length);
  }
});

test('what is one stretch of film, and what one clip of it, is the same here and at the command line', () => {
  const cases = vectors('stretches.json') as { what: string; zone: string; pieces: (Filmed & { device: string })[]; stretches: number[][][] }[];
  for (const { what, zone, pieces, stretches } of cases) {
    const day = (at: string) => new Date(at).toLocaleDateString('en', { timeZone: zone });
    const found: { device: string; first: Filmed; last: Filmed; end: number; clips: number[][] }[] = [];
    pieces.forEach((piece, index) => {
      const end = Date.parse(piece.start) + piece.seconds * 1000;
      const stretch = found.findLast(({ device }) => device === piece.device);
      if (!stretch || !goesOn({ end: stretch.end, media_type: stretch.last.media_type }, piece, day(stretch.first.start) === day(piece.start))) {
        found.push({ device: piece.device, first: piece, last: piece, end, clips: [[index + 1]] });
        return;
      }
      if (follows(stretch.last, piece)) stretch.clips.at(-1)!.push(index + 1);
      else stretch.clips.push([index + 1]);
      stretch.last = piece;
      stretch.end = Math.max(stretch.end, end);
    });
    expect.soft(found.map(({ clips }) => clips), what).toEqual(stretches);
  }
});

test('a clip is made of the same pieces into the same bytes here and at the command line', async () => {
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
  const cases = vectors('clip.json') as { what: string; made: number; pieces: string[]; joined: ([number, number] | string)[]; head: string }[];
  expect(cases.length).toBeGreaterThan(3);
  for (const { what, made, pieces, joined, head } of cases) {
    const [clip, tables] = [new Clip(), new Clip()];
    const media: Uint8Array[] = [];
    const all = pieces.map(bytes);
    for (const piece of all) if (clip.add(piece) === 'added') media.push(piece.slice(...(tables.table(piece) as [number, number])));
    expect.soft(Buffer.from(clip.head(made)).toString('hex'), what).toBe(head);
    const again = new Clip();
    expect.soft(all.map((piece) => again.table(piece)), what).toEqual(joined);
    const file = Buffer.from(await clip.blob('video/mp4', made).arrayBuffer());
    expect.soft(file.equals(Buffer.concat([Buffer.from(head, 'hex'), ...media])), `${what}: the media lies behind it`).toBe(true);
  }
});
