// One film out of pieces that are each a film of their own: an ordinary MP4 file (ISO/IEC 14496-12) that any player and editor takes, with
// one table for all of it in place of a fragment for each piece. Nothing is encoded anew. `crates/camera/src/clip` does the same, and both
// are held to `tests/vectors/clip.json`.

import { boxed, joined, type Bytes, full, inMovie, lasting, MOVIE_RATE, MOVIE_MATRIX, u32 } from './mp4-boxes';
import { formsAre, readPiece, type Part } from './mp4-piece';
import { Table } from './mp4-table';

/** Seconds from the beginning of 1904, from which MP4 counts, to that of 1970. */
const SINCE_1904 = 2_082_844_800;
/** With more media than this its places may take 64 bits. */
const MANY = 3 * 2 ** 30;

/** Puts pieces together as they come. Only their tables are held as numbers; their media is the browser's to keep. */
export class Clip {
  /** The first is that of the pictures. */
  private tables: Table[] = [];
  private readonly media: Blob[] = [];
  private bytes = 0;

  /** How long its pictures are, in seconds. */
  get seconds(): number {
    const [pictures] = this.tables;
    return pictures ? pictures.end / pictures.form.rate : 0;
  }

  /** Adds a piece that goes on where the one before ends. One that is no film, or of another form, is not added: another clip begins with that. */
  add(film: Bytes): 'added' | 'another' | 'no film' {
    const place = this.table(film);
    if (typeof place === 'string') return place;
    this.media.push(new Blob([film.subarray(...place)]));
    return 'added';
  }

  /** The same without its media: where that lies in the piece. */
  table(film: Bytes): [number, number] | 'another' | 'no film' {
    const piece = readPiece(film);
    if (!piece) return 'no film';
    if (!this.tables.length) this.tables = piece.parts.map(({ form }) => new Table(form));
    else if (!formsAre(this.tables, piece.parts)) return 'another';
    const [pictures] = this.tables;
    const [begins, rate] = [pictures?.end ?? 0, pictures?.form.rate ?? 1];
    this.tables.forEach((table, track) => {
      const part = piece.parts[track] as Part; // as many as there are tables
      // Sound lies on the time of the pictures, from which a piece counts by how late it presents them.
      const at = (ticks: number) => Number((BigInt(ticks) * BigInt(table.form.rate)) / BigInt(rate));
      const sound = Math.max(0, at(begins) + part.start - at(piece.delay));
      table.add(part, table.form.kind === 'soun' ? sound : begins, this.bytes, piece.delay);
    });
    this.bytes += piece.media[1] - piece.media[0];
    return piece.media;
  }

  /** What stands before the media, in a file that begins to play before all of it is there. `made` is when it begins, in seconds since 1970. */
  head(made: number): Bytes {
    const kind = boxed('ftyp', new TextEncoder().encode('isom\0\0\x02\0isomiso2avc1mp41'));
    // How long it is does not depend on where the media lies.
    const from = kind.length + this.movie(0, made).length;
    return joined([kind, this.movie(from, made)]);
  }

  /** The film. */
  blob(type: string, made: number): Blob {
    return new Blob([this.head(made), ...this.media], { type });
  }

  private movie(from: number, made: number): Bytes {
    const length = Math.max(0, ...this.tables.map(({ end, form }) => inMovie(end, form.rate)));
    const put = lasting(length);
    const second = made + SINCE_1904 < 2 ** 32 ? Math.max(0, Math.floor(made) + SINCE_1904) : 0;
    const header = full('mvhd', put.version, 0, joined([
      put.number(second), put.number(second), u32(MOVIE_RATE), put.number(length),
      u32(0x1_0000, 0x0100_0000, 0, 0, ...MOVIE_MATRIX, 0, 0, 0, 0, 0, 0, this.tables.length + 1), // rate 1, volume 1
    ]));
    const tracks = this.tables.map((table, track) => table.box(track + 1, from, this.bytes > MANY));
    return boxed('moov', joined([header, ...tracks]));
  }
}

