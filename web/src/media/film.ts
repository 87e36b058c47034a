// Plays a stretch of film that was kept in pieces, as one: through Media Source Extensions, piece after piece, without a gap.
//
// The film's own time counts what is there: a piece follows the one before it, however long nothing was recorded between
// them. Only what is played soon, and a little of what was played just now, is in memory: an hour takes no more than a minute.

import { Problem, type Recording } from '../hub/api';
import { NotOpened } from './decrypt';
import { Passes } from './looks';
import { pictures } from './mp4';

export interface Piece {
  recording: Recording;
  /** When it was taken, in milliseconds since 1970. */
  taken: number;
  /** Where it lies in the film, in seconds. */
  at: number;
  seconds: number;
  /** `gone`: forgotten, or refused; nothing of it is shown. */
  state: 'away' | 'coming' | 'here' | 'gone';
  /** How long one picture stands, in seconds, once that is known. */
  picture: number | null;
}

/** What the player has to put in words. */
export type Told =
  | { what: 'forgotten' }
  | { what: 'all-forgotten' }
  | { what: 'altered' | 'others' | 'other' | 'missing' | 'damaged'; piece: Piece }
  | { what: 'refused'; piece: Piece; why: unknown }
  | { what: 'away' }
  | { what: 'trouble'; why: unknown }
  | { what: 'on' }
  | { what: 'over' };

/** Seconds of film that are kept in memory: ahead of what is played, at normal speed and at most, and behind it. */
const AHEAD = 24;
const MOST_AHEAD = 64;
const BEHIND = 16;
/** What is opened together is one look: this many seconds of film. */
const TOGETHER = 300;
/** A hub that does not answer is asked again, in milliseconds. */
const AGAIN = 1000;
/** Between two pieces, and where pictures are reordered, this much may be missing; in seconds. */
const SEAM = 0.75;

/** The browser's way of playing what arrives in pieces; iPhones have one of their own. Undefined where there is none. */
const Source: typeof MediaSource | undefined =
  (globalThis as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource ?? globalThis.MediaSource;

export function canPlay(type: string): boolean {
  return Source?.isTypeSupported(type) ?? false;
}

/** Whether it is asked again: the hub did not answer itself, or said that it cannot just now. */
function isAway({ status, word }: Problem): boolean {
  return status === 0 || status === 503 || word === 'unknown';
}

export class Film {
  readonly pieces: Piece[] = [];
  private readonly source: MediaSource;
  private readonly passes = new Passes();
  private readonly over = new AbortController();
  private buffer: SourceBuffer | null = null;
  private coming: { piece: Piece; stop: AbortController } | null = null;
  private running = false;

  constructor(
    private readonly video: HTMLVideoElement,
    recordings: Recording[],
    private readonly tell: (told: Told) => void,
  ) {
    if (!Source) throw new Error('no media source');
    this.add(recordings);
    this.source = new Source();
    const url = URL.createObjectURL(this.source);
    const { signal } = this.over;
    this.source.addEventListener('sourceopen', () => (URL.revokeObjectURL(url), this.opened()), { once: true, signal });
    for (const event of ['timeupdate', 'seeking', 'waiting', 'ratechange', 'play']) video.addEventListener(event, () => this.turn(), { signal });
    video.addEventListener('error', () => video.error && tell({ what: 'trouble', why: new Error(video.error.message) }), { signal });
    // iPhones give nothing to a player that a television could take over.
    video.disableRemotePlayback = true;
    video.src = url;
  }

  /** How long it is, in seconds. */
  get seconds(): number {
    const last = this.pieces.at(-1);
    return last ? last.at + last.seconds : 0;
  }

  /** The piece that lies there. */
  pieceAt(at: number): Piece | undefined {
    let [low, high] = [0, this.pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pieces[middle]!.at <= at) low = middle + 1; // below the length
      else high = middle;
    }
    return this.pieces[Math.max(0, low - 1)];
  }

  /** When what is seen there was taken. */
  takenAt(at: number): Date {
    const piece = this.pieceAt(at);
    return new Date(piece ? piece.taken + Math.min(at - piece.at, piece.seconds) * 1000 : 0);
  }

  /** How long one picture stands there. */
  pictureAt(at: number): number {
    return this.pieceAt(at)?.picture ?? 1 / 15;
  }

  seek(at: number): void {
    this.video.currentTime = Math.max(0, Math.min(at, this.seconds - 0.05));
  }

  /** Film that was recorded since. */
  extend(recordings: Recording[]): void {
    const known = new Set(this.pieces.map((piece) => piece.recording.id));
    const more = recordings.filter((recording) => !known.has(recording.id) && Date.parse(recording.start) >= (this.pieces.at(-1)?.taken ?? 0));
    if (!more.length) return;
    this.add(more);
    this.turn();
  }

  /** Lets go of what was forgotten, whatever plays. */
  forget(moments: Set<number>): void {
    const gone = this.pieces.filter((piece) => piece.state !== 'gone' && moments.has(piece.recording.moment));
    if (!gone.length) return;
    for (const piece of gone) this.drop(piece);
    if (this.pieces.every((piece) => piece.state === 'gone')) {
      this.close();
      this.tell({ what: 'all-forgotten' });
      return;
    }
    this.tell({ what: 'forgotten' });
    this.turn();
  }

  /** Nothing of it is left in memory after this. */
  close(): void {
    this.over.abort();
    this.coming?.stop.abort();
    this.video.pause();
    this.video.removeAttribute('src');
    this.video.load();
  }

  private add(recordings: Recording[]): void {
    for (const recording of recordings) {
      const piece = { recording, taken: Date.parse(recording.start), at: this.seconds, seconds: recording.seconds };
      this.pieces.push({ ...piece, state: 'away', picture: null });
    }
  }

  private opened(): void {
    this.source.duration = this.seconds;
    this.buffer = this.source.addSourceBuffer(this.pieces[0]?.recording.media_type ?? '');
    // A browser that manages what is in memory takes out of it what it likes; no other one has this event.
    const lost = ({ removedRanges }: Event & { removedRanges?: TimeRanges }) => removedRanges && this.lost(removedRanges);
    this.buffer.addEventListener('bufferedchange', lost, { signal: this.over.signal });
    this.turn();
  }

  /** What the browser took out comes again once it is wanted. */
  private lost(removed: TimeRanges): void {
    for (let range = 0; range < removed.length; range++) {
      const [from, to] = [removed.start(range), removed.end(range)];
      for (const piece of this.pieces) {
        const overlap = Math.min(to, piece.at + piece.seconds) - Math.max(from, piece.at);
        if (piece.state === 'here' && overlap > SEAM) piece.state = 'away';
      }
    }
    this.turn();
  }

  /** Goes on with whatever is to be done next, unless it is being done. */
  private turn(): void {
    if (this.over.signal.aborted) return;
    this.step();
    // Somebody went elsewhere: what is coming for the old place is not waited for.
    if (this.coming && !this.isNear(this.coming.piece)) this.coming.stop.abort();
    if (this.running || !this.buffer) return;
    this.running = true;
    this.run()
      .catch((why: unknown) => this.over.signal.aborted || this.tell({ what: 'trouble', why }))
      .finally(() => (this.running = false));
  }

  private async run(): Promise<void> {
    for (let piece = this.next(); piece && !this.over.signal.aborted; piece = this.next()) {
      await this.letGo();
      await this.fetch(piece);
      this.step();
    }
    await this.letGo();
    await this.end();
  }

  /** The first piece that is wanted and not here. */
  private next(): Piece | undefined {
    const now = this.pieceAt(this.video.currentTime);
    for (let index = now ? this.pieces.indexOf(now) : 0; index < this.pieces.length; index++) {
      const piece = this.pieces[index]!; // below the length
      if (!this.isNear(piece)) return undefined;
      if (piece.state === 'away') return piece;
    }
    return undefined;
  }

  private isNear(piece: Piece): boolean {
    const at = this.video.currentTime;
    const ahead = Math.min(MOST_AHEAD, AHEAD * Math.max(1, this.video.playbackRate));
    return piece.at + piece.seconds > at - 1 && piece.at < at + ahead;
  }

  private async fetch(piece: Piece): Promise<void> {
    const stop = new AbortController();
    this.coming = { piece, stop };
    piece.state = 'coming';
    try {
      await this.place(piece);
      for await (const bytes of this.passes.open(piece.recording.id, this.together(piece), stop.signal)) {
        piece.picture ??= piece.seconds / (pictures(bytes) || piece.seconds * 15);
        await this.append(bytes);
        bytes.fill(0);
        if (stop.signal.aborted) break;
      }
      // Forgotten or passed over meanwhile.
      if (stop.signal.aborted) await this.remove(piece);
      else {
        piece.state = 'here';
        this.tell({ what: 'on' });
      }
    } catch (why) {
      await this.failed(piece, why);
    } finally {
      if (piece.state === 'coming') piece.state = 'away';
      this.coming = null;
    }
  }

  private async failed(piece: Piece, why: unknown): Promise<void> {
    if (this.over.signal.aborted) return;
    await this.remove(piece);
    if (this.coming?.stop.signal.aborted) return;
    if (why instanceof NotOpened) this.leaveOut({ what: why.why, piece });
    else if (!(why instanceof Problem)) throw why;
    else if (why.status === 404 || why.status === 410) this.leaveOut({ what: 'missing', piece });
    else if (why.code === 'damaged') this.leaveOut({ what: 'damaged', piece });
    else if (isAway(why)) {
      this.tell({ what: 'away' });
      await new Promise((wait) => setTimeout(wait, AGAIN));
    } else if (why.status >= 500 && this.passes.covers(piece.recording.id)) this.leaveOut({ what: 'refused', piece, why });
    else if (why.status >= 500) {
      // The hub writes no look down, whichever piece is asked for.
      this.close();
      this.tell({ what: 'trouble', why });
      this.tell({ what: 'over' });
    } else throw why;
  }

  /** Says why a piece is not shown. What comes after it goes on; where nothing is left, it is over. */
  private leaveOut(told: Told & { piece: Piece }): void {
    told.piece.state = 'gone';
    this.tell(told);
    if (this.pieces.some((piece) => piece.state !== 'gone')) return;
    this.close();
    this.tell({ what: 'over' });
  }

  /** What is opened in the same look as this piece. */
  private together(piece: Piece): number[] {
    const from = this.pieces.indexOf(piece);
    const near = this.pieces.slice(from).filter((other) => other.at < piece.at + TOGETHER && other.state !== 'gone');
    return near.map((other) => other.recording.id);
  }

  /** The next bytes are of this piece. */
  private async place(piece: Piece): Promise<void> {
    const buffer = await this.idle();
    if (this.source.readyState === 'open') buffer.abort();
    buffer.timestampOffset = piece.at;
    if (this.source.duration < this.seconds) this.source.duration = this.seconds;
  }

  private async append(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let tries = 0; ; tries++) {
      const buffer = await this.idle();
      try {
        buffer.appendBuffer(bytes);
        await this.idle();
        return;
      } catch (why) {
        // The browser has less room than is wished for: what was played goes, and then it has to wait.
        const full = why instanceof DOMException && why.name === 'QuotaExceededError';
        if (!full || tries > 60) throw why;
        await this.letGo(2);
        if (tries > 0) await new Promise((wait) => setTimeout(wait, AGAIN / 2));
      }
    }
  }

  /** Lets go of what was played, and of what lies far ahead after somebody went back. */
  private async letGo(behind = BEHIND): Promise<void> {
    const at = this.video.currentTime;
    const far = this.pieces.filter(
      ({ state, at: from, seconds }) => state === 'here' && (from + seconds < at - behind || from > at + MOST_AHEAD + BEHIND),
    );
    for (const piece of far) {
      piece.state = 'away';
      await this.remove(piece);
    }
  }

  private async remove(piece: Piece): Promise<void> {
    const buffer = await this.idle();
    if (this.over.signal.aborted) return;
    if (this.source.readyState === 'open') buffer.abort();
    buffer.remove(piece.at, piece.at + piece.seconds);
    await this.idle();
  }

  private drop(piece: Piece): void {
    piece.state = 'gone';
    if (this.coming?.piece === piece) this.coming.stop.abort();
    else this.remove(piece).catch(() => undefined);
  }

  private async end(): Promise<void> {
    const buffer = await this.idle();
    const last = this.pieces.findLast((piece) => piece.state !== 'gone');
    if (last?.state === 'here' && this.source.readyState === 'open' && !buffer.updating && !this.over.signal.aborted) this.source.endOfStream();
  }

  /** The buffer, once it has done what it is doing. */
  private async idle(): Promise<SourceBuffer> {
    const { buffer } = this;
    if (!buffer) throw new Error('the film is closed');
    while (buffer.updating) {
      await new Promise<void>((done) => {
        buffer.addEventListener('updateend', () => done(), { once: true });
        this.over.signal.addEventListener('abort', () => done(), { once: true });
      });
      if (this.over.signal.aborted) break;
    }
    return buffer;
  }

  /** Steps over what is not there: what was forgotten, and the seam between two pieces. */
  private step(): void {
    const at = this.video.currentTime;
    const piece = this.pieceAt(at);
    if (!piece) return;
    if (piece.state === 'gone') {
      const index = this.pieces.indexOf(piece);
      const next = this.pieces.slice(index).find((other) => other.state !== 'gone') ?? this.pieces.slice(0, index).findLast((other) => other.state !== 'gone');
      if (!next) return;
      // Behind the last one that is left there is nothing to go on with.
      if (next.at < piece.at) this.video.pause();
      this.video.currentTime = next.at < piece.at ? Math.max(next.at, next.at + next.seconds - 0.1) : next.at + 0.001;
      return;
    }
    // Of what is still to come it is not known yet what is missing.
    if (piece.state === 'away' || (piece.state === 'coming' && at - piece.at > SEAM)) return;
    const { buffered } = this.video;
    for (let range = 0; range < buffered.length; range++) {
      const from = buffered.start(range);
      if (from <= at && buffered.end(range) > at) return;
      if (from > at && from - at < SEAM) {
        this.video.currentTime = from + 0.001;
        return;
      }
    }
  }
}
