// What the app checks of ledgers and receipts, without a page: against what the real hub gives out, and against trees made here.

import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mayBe } from '../src/keys/recording';
import { Bad, Damaged, type Fault } from '../src/ledger/bad';
import { parse } from '../src/ledger/checkpoint';
import { read as readEntry } from '../src/ledger/entry';
import { Log } from '../src/ledger/log';
import { rootOf, verifyInclusion } from '../src/ledger/merkle';
import { open, Verifier } from '../src/ledger/note';
import { check, countIds, write } from '../src/ledger/receipt';
import { Ledger, type Head, type Source } from '../src/ledger/visit';
import { expect, House, test } from './test';

// No page, so that it is the same at every width.

async function fault(work: Promise<unknown>): Promise<Fault | 'none'> {
  try {
    await work;
    return 'none';
  } catch (why) {
    if (why instanceof Bad) return why.fault;
    throw why;
  }
}

/** Says two things and forgets the first; gives the receipt's file, and the moment that is left. */
async function forgetOne(house: House, name: string): Promise<{ file: string; left: number }> {
  await house.addAnnasMicrophone('Study');
  const kept = async () => (await house.say('What day is it?', 'Study'))['kept'] as number[];
  const [one, other] = [await kept(), await kept()];
  const file = house.file(name);
  await house.anna('forget', String(one[0]!), '--yes', '--receipt', file);
  return { file, left: other[0]! };
}

/** The ledger as it lies in a folder, laid out by the command line. */
async function laidOut(house: House, name: string): Promise<{ source: Source; head: Head }> {
  const folder = house.file(name);
  await house.anna('ledger', 'export', '--out', folder);
  const [key] = await house.anna('ledger', 'key');
  const head: Head = { key: String(key!['key']), successions: [], checkpoint: readFileSync(join(folder, 'checkpoint'), 'utf8') };
  const source: Source = {
    head: async () => head,
    tile: async (path) => new Uint8Array(readFileSync(join(folder, path))),
    line: async () => null,
    older: async () => null,
  };
  return { source, head };
}

const seen = ({ key, checkpoint }: Head) => ({ key, checkpoint, at: '2026-11-18T17:45:00Z' });

test.describe('with what the hub gives out', () => {
  test.use({ houseOptions: { voice: true } });

  test('a receipt is believed, and none of which a byte was changed', async ({ house }) => {
    test.setTimeout(180_000);
    const { file } = await forgetOne(house, 'one.receipt');
    const [key] = await house.anna('ledger', 'key');
    const trusted = [await Verifier.parse(String(key!['key']))];
    const bytes = new Uint8Array(readFileSync(file));
    const { deletion, outcome, form, index } = await check(bytes, trusted);
    expect(deletion.recordings.map(({ kind }) => kind)).toEqual(['voice', 'transcript', 'reply']);
    expect(deletion.reason).toBe('asked');
    expect(countIds(deletion.moments)).toBe(1);
    expect(outcome).toMatchObject({ swept: true, mirrors: [] });
    expect(write(form), 'it has one spelling').toBe(new TextDecoder().decode(bytes));
    const [verified] = await house.anna('receipt', 'verify', file);
    expect(verified).toMatchObject({ verified: true, line: index });

    // Every byte, each time another of its bits.
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = bytes.slice();
      altered[at]! ^= 1 << (at % 8);
      expect(await fault(check(altered, trusted)), `byte ${at}`).not.toBe('none');
    }
    for (const other of [bytes.slice(0, -1), bytes.slice(0, bytes.length / 2), new Uint8Array([...bytes, 0x0a]), new Uint8Array([0xef, 0xbb, 0xbf, ...bytes])]) {
      expect(await fault(check(other, trusted))).toBe('form');
    }
    // Nor one of which a line of a signed part is missing, or there twice.
    for (const part of ['proof', 'outcome', 'entry', 'detail'] as const) {
      const lines = (form[part] ?? '').split('\n');
      for (let at = 0; at < lines.length; at += 1) {
        for (const changed of [lines.toSpliced(at, 1), lines.toSpliced(at, 0, lines[at]!)]) {
          const altered = write({ ...form, [part]: changed.join('\n') });
          expect(await fault(check(altered, trusted)), `${part}, line ${at}`).not.toBe('none');
        }
      }
    }
    const { outcome: _, ...silent } = form;
    expect((await check(write(silent), trusted)).outcome, 'without an outcome it says nothing of copies').toBeNull();
  });

  test('a receipt of another household is refused, whoever’s key it brings', async ({ house }) => {
    const { file } = await forgetOne(house, 'one.receipt');
    const stranger = await House.open();
    const [key] = await stranger.anna('ledger', 'key');
    await stranger.close();
    const bytes = readFileSync(file);
    expect(await fault(check(bytes, [await Verifier.parse(String(key!['key']))]))).toBe('other');
    expect(await fault(check(bytes, null)), 'by itself it fits together').toBe('none');
  });

  test('a new key is believed when the old one has signed it, and the old receipts still are', async ({ house }) => {
    const { file, left } = await forgetOne(house, 'before.receipt');
    const first = await laidOut(house, 'first');
    const [renewed] = await house.anna('ledger', 'renew-key');
    await house.anna('forget', String(left), '--yes', '--receipt', house.file('after.receipt'));
    const now = await laidOut(house, 'now');
    const after = JSON.parse(readFileSync(house.file('after.receipt'), 'utf8')) as { successions: string[] };
    // The command line still knows the first one; it would follow the notes, as is done here.
    Object.assign(now.head, { key: renewed!['key'], successions: after.successions });

    const ledger = await Ledger.visit(now.source, seen(first.head));
    expect(ledger.key.toString()).not.toBe(first.head.key);
    for (const receipt of [file, house.file('after.receipt')]) await check(readFileSync(receipt), await ledger.keys());
    await check(readFileSync(house.file('after.receipt')), [await Verifier.parse(first.head.key)]);

    now.head.successions = [];
    expect(await fault(Ledger.visit(now.source, seen(first.head))), 'a swapped key').toBe('key');
    for (const note of after.successions) {
      for (const forged of [note.replace('succession 1', 'succession 2'), note.split('\n').toSpliced(5, 1).join('\n'), note.split('\n').toSpliced(4, 1).join('\n')]) {
        now.head.successions = [forged];
        expect(await fault(Ledger.visit(now.source, seen(first.head)))).not.toBe('none');
      }
    }
  });

  test('an older copy that was put back is told of by the ledger itself', async ({ house }) => {
    await house.kill();
    cpSync(house.file('data'), house.file('copy'), { recursive: true });
    await house.serve();
    await house.signIn('Anna');
    const before = await laidOut(house, 'before');
    await house.kill();
    rmSync(house.file('data'), { recursive: true });
    cpSync(house.file('copy'), house.file('data'), { recursive: true });
    await house.serve();
    await house.signIn('Anna');
    const now = await laidOut(house, 'now');
    const all = Number(before.head.checkpoint.split('\n')[1]);
    const older = (await (await Ledger.visit(before.source, null)).bundle(0)).length;
    expect(older).toBe(all);
    // What is left of the older tree is what the copy had: all but the last line.
    const left = readFileSync(join(house.file('before'), `tile/entries/000.p/${all}`));
    const entries: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < left.length; at += 2 + left.readUInt16BE(at)) entries.push(new Uint8Array(left.subarray(at + 2, at + 2 + left.readUInt16BE(at))));
    now.source.older = async () => entries.slice(0, -1);
    const ledger = await Ledger.visit(now.source, seen(before.head));
    expect(ledger.tree).toBe(2);
    expect(await ledger.lost()).toEqual([{ had: all, held: all - 1, because: 'older-copy' }]);

    now.source.older = async () => [entries[1]!, entries[0]!, ...entries.slice(2)];
    expect(await fault(Ledger.visit(now.source, seen(before.head))), 'its older lines were changed').toBe('rewritten');
    expect(await fault(Ledger.visit(before.source, seen(now.head))), 'the newer tree is hidden again').toBe('shorter');
  });
});

test.describe('with files of recordings', () => {
  test.use({ houseOptions: { voice: true } });

  test('a file is the recording that was asked for, or is refused', async ({ house }) => {
    await house.addAnnasMicrophone('Study');
    const [sound, words] = (await house.say('What day is it?', 'Study'))['kept'] as number[];
    await house.anna('export', String(sound!), String(words!), '--out', house.file('exported'));
    const files = readdirSync(house.file('exported'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.age'));
    const read = files.map((name) => new Uint8Array(readFileSync(join(house.file('exported'), name))));
    const known = (id: number) => read.filter((file) => mayBe(file, id)).length;
    expect([known(sound!), known(words!), known(1_000_000)]).toEqual([1, 1, 0]);
    // One that was sealed by an earlier release says nothing, and what looks like a header in a payload is none.
    const text = (file: string) => new TextEncoder().encode(file);
    expect(mayBe(text('age-encryption.org/v1\n-> X25519 a\nb\n--- mac\n-> porchlight-recording 1\n'), 2)).toBe(true);
    for (const other of ['12', '1 2', '01', '1\n\n-> porchlight-recording 2']) {
      expect(mayBe(text(`age-encryption.org/v1\n-> porchlight-recording ${other}\n\n--- mac\n`), 1), other).toBe(false);
    }
  });
});

test.describe('with trees made here', () => {
  const hash = (...parts: Uint8Array[]) => new Uint8Array(parts.reduce((sum, part) => sum.update(part), createHash('sha256')).digest());

  /** Every tile and bundle of a log, by path, made by the plain definition. */
  function tiles(entries: Uint8Array[]): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    const name = (n: number, width: number) => `${n < 1000 ? '' : `x${String(Math.floor(n / 1000)).padStart(3, '0')}/`}${String(n % 1000).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`;
    for (let n = 0; n * 256 < entries.length; n += 1) {
      const some = entries.slice(n * 256, (n + 1) * 256);
      found.set(`tile/entries/${name(n, some.length)}`, Buffer.concat(some.flatMap((entry) => [new Uint8Array([entry.length >> 8, entry.length & 255]), entry])));
    }
    let level = entries.map((entry) => hash(new Uint8Array([0]), entry));
    for (let number = 0; level.length > 0; number += 1) {
      const above: typeof level = [];
      for (let n = 0; n * 256 < level.length; n += 1) {
        const some = level.slice(n * 256, (n + 1) * 256);
        found.set(`tile/${number}/${name(n, some.length)}`, Buffer.concat(some));
        if (some.length === 256) above.push(root(some));
      }
      level = above;
    }
    return found;
  }

  /** MTH of RFC 6962, section 2.1, of leaves that are hashed already. */
  function root(hashes: Uint8Array[]): Uint8Array<ArrayBuffer> {
    if (hashes.length === 0) return hash();
    if (hashes.length === 1) return new Uint8Array(hashes[0]!);
    let split = 1;
    while (split * 2 < hashes.length) split *= 2;
    return hash(new Uint8Array([1]), root(hashes.slice(0, split)), root(hashes.slice(split)));
  }

  const entries = (count: number) => Array.from({ length: count }, (_, at) => new TextEncoder().encode(`line ${at}`));
  const rootOfFirst = (all: Uint8Array[], count: number) => root(all.slice(0, count).map((entry) => hash(new Uint8Array([0]), entry)));

  function log(all: Uint8Array[], change: (path: string, tile: Uint8Array) => Uint8Array = (_, tile) => tile): { log: Log; asked: string[] } {
    const parts = tiles(all);
    const asked: string[] = [];
    const fetch = async (path: string) => {
      asked.push(path);
      return change(path, parts.get(path) ?? new Uint8Array());
    };
    const line = async (index: number) => new Uint8Array(all[index]!);
    return { log: new Log(all.length, rootOfFirst(all, all.length), fetch, line), asked };
  }

  test('a line that is damaged where the hub keeps it costs its own text, and one that is made up in its place is refused', async () => {
    const all = entries(300);
    const parts = tiles(all);
    const fetch = async (path: string) => {
      if (path.includes('entries')) throw new Damaged();
      return parts.get(path)!;
    };
    const root = rootOfFirst(all, all.length);
    const bundle = (line: (index: number) => Uint8Array<ArrayBuffer> | null) => new Log(all.length, root, fetch, async (index) => line(index)).bundle(1);
    const read = await bundle((index) => (index === 260 ? null : new Uint8Array(all[index]!)));
    expect(read).toHaveLength(44);
    expect(read.flatMap((line, at) => (line ? [] : [at]))).toEqual([4]);
    await expect(bundle((index) => new Uint8Array(all[index === 260 ? 7 : index]!))).rejects.toMatchObject({ fault: 'lines', line: 260 });
  });

  test('the root of every beginning of a tree is found by its tiles', async () => {
    for (const size of [0, 1, 2, 255, 256, 257, 511, 512, 700, 1030]) {
      const all = entries(size);
      const { log: whole } = log(all);
      await whole.check();
      for (const before of [0, 1, 2, 3, 200, 255, 256, 257, 500, 512, 513, 699, size].filter((before) => before <= size)) {
        expect(Buffer.from(await whole.rootAt(before)), `${before} of ${size}`).toEqual(Buffer.from(rootOfFirst(all, before)));
      }
      expect(Buffer.from(await rootOf(all))).toEqual(Buffer.from(rootOfFirst(all, size)));
    }
  });

  test('of a large tree only a few tiles are fetched', async () => {
    test.setTimeout(120_000);
    const all = entries(66_000);
    const { log: whole, asked } = log(all);
    await whole.check();
    expect(Buffer.from(await whole.rootAt(65_000))).toEqual(Buffer.from(rootOfFirst(all, 65_000)));
    const lines = await whole.bundle(3);
    expect(new TextDecoder().decode(lines[7]!)).toBe('line 775');
    expect(asked.length).toBeLessThan(9);
  });

  test('no changed byte of a tile or a bundle is taken', async () => {
    const all = entries(600);
    for (const path of ['tile/0/000', 'tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2', 'tile/entries/000', 'tile/entries/002.p/88']) {
      for (const at of [0, 1, 2, 500, 1000, 2000]) {
        const { log: altered } = log(all, (asked, tile) => (asked === path ? tile.map((byte, place) => (place === at % tile.length ? byte ^ 4 : byte)) : tile));
        const read = async () => {
          for (const n of [0, 1, 2]) await altered.bundle(n);
        };
        expect(await fault(read()), `${path} at ${at}`).toBe('lines');
      }
    }
    const { log: missing } = log(all, (asked, tile) => (asked === 'tile/0/001' ? new Uint8Array() : tile));
    expect(await fault(missing.leaf(300))).toBe('lines');
    expect(await fault(missing.leaf(600))).toBe('lines');
  });

  test('a line is proved by the hashes beside it, and by no others', async () => {
    const some = entries(7).map((entry) => hash(new Uint8Array([0]), entry));
    const path = (index: number, from: number, to: number): Uint8Array<ArrayBuffer>[] => {
      if (to - from === 1) return [];
      let split = 1;
      while (split * 2 < to - from) split *= 2;
      const middle = from + split;
      return index < middle ? [...path(index, from, middle), root(some.slice(middle, to))] : [...path(index, middle, to), root(some.slice(from, middle))];
    };
    for (let size = 1; size <= 7; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = path(index, 0, size);
        const whole = root(some.slice(0, size));
        await verifyInclusion(some[index]!, index, size, proof, whole);
        for (let other = 0; other <= size; other += 1) {
          if (other !== index) expect(await fault(verifyInclusion(some[index]!, other, size, proof, whole)), `${index} as ${other} of ${size}`).toBe('proof');
        }
        expect(await fault(verifyInclusion(some[index]!, index, size, [...proof, whole], whole))).toBe('proof');
        if (proof.length) expect(await fault(verifyInclusion(some[index]!, index, size, proof.slice(1), whole))).toBe('proof');
      }
    }
  });
});

test.describe('what is not what it should be', () => {
  /** The example of the Go package golang.org/x/mod/sumdb/note, made by another implementation. */
  const KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const NOTE =
    'If you think cryptography is the answer to your problem,\nthen you don\'t know what your problem is.\n\n' +
    '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

  test('a note that another program signed is believed, and no changed byte of it', async () => {
    const key = await Verifier.parse(KEY);
    expect(key.toString()).toBe(KEY);
    expect(await open(NOTE, key)).toContain('cryptography');
    const bytes = new TextEncoder().encode(NOTE);
    for (let at = 0; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const altered = bytes.slice();
        altered[at]! ^= 1 << bit;
        let text: string;
        try {
          text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(altered);
        } catch {
          continue;
        }
        expect(await fault(open(text, key)), `byte ${at} bit ${bit}`).not.toBe('none');
      }
    }
    for (const other of ['', 'a+b', 'log+00000000+AA==', KEY.replace('c74f20a3', 'c74f20a4'), KEY.replace('Peter', 'Petra')]) {
      expect(await fault(Verifier.parse(other)), other).toBe('form');
    }
  });

  test('a checkpoint and a line have one spelling each', async () => {
    const ROOT = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
    expect(parse(`log\n3\n${ROOT}\n`)).toMatchObject({ origin: 'log', size: 3 });
    for (const text of ['', 'log\n1\n', `log\n1\n${ROOT}`, `\n1\n${ROOT}\n`, `log\n01\n${ROOT}\n`, `log\n+1\n${ROOT}\n`, `log\n-1\n${ROOT}\n`, `log\n99999999999999999999\n${ROOT}\n`, `log\n1\n${ROOT.slice(4)}\n`, `log\n1\n${ROOT}\n\n`, `log\n1\n${ROOT.replace('FU=', 'FV=')}\n`]) {
      expect(() => parse(text), text).toThrow(Bad);
    }
    const line = `{"v":1,"kind":"look","hour":"2026-11-23T20:00:00Z","commitment":"${ROOT}"}`;
    const bytes = (text: string) => new TextEncoder().encode(text);
    expect(readEntry(bytes(line))).toMatchObject({ line: 'event', kind: 'look' });
    for (const other of ['', '7', ` ${line}`, line.replace('look', 'Look'), line.replace('20:00:00', '20:30:00'), line.replace('"v":1', '"v":0'), line.replace('}', ',"name":"Ann"}'), line.replace('"v":1,"kind":"look"', '"kind":"look","v":1')]) {
      expect(() => readEntry(bytes(other)), other).toThrow(Bad);
    }
  });
});
