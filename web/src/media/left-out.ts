// Why a piece of film is left out where the rest is given: it is told, and never passed over in silence.

import { Problem, words } from '../hub/api';
import { keysWords } from '../words/keys';
import { media } from '../words/media';
import { NotOpened } from './decrypt';

/** In words, of film of this time; null of what is no trouble of this piece alone. */
export function leftOut(why: unknown, at: string): string | null {
  if (why instanceof NotOpened) return { altered: media.pieceAltered(at), others: media.pieceOthers(at), other: keysWords.otherRecording }[why.why];
  if (!(why instanceof Problem)) return null;
  if (why.status === 404 || why.status === 410) return media.pieceMissing(at);
  if (why.code === 'damaged') return media.pieceDamaged(at);
  // The hub did not answer itself, or says that it cannot just now: so it is with the others.
  const isAway = why.status === 503 || why.word === 'unknown';
  return why.status >= 500 && !isAway ? media.pieceRefused(at, words(why)) : null;
}
