// One camera that is watched live: what is to be seen of it, and how it goes on by itself.

import { Problem, words } from '../hub/api';
import { listen } from '../hub/events.svelte';
import { light } from '../parts/lamp.svelte';
import { live as w } from '../words/live';
import { canDecode, Picture } from './picture';
import { Sound } from './sound';
import { watch, type Over, type Track } from './stream';

/**
 * `closed`: nobody watches here. `waiting`: no picture yet. `live`: it moves. `stopped`: it moved, and does no more. `hidden`: the page is
 * not to be seen, so nobody watches. `away`: the connection broke, and is tried again. `over`: it may not go on.
 */
type State = 'closed' | 'waiting' | 'live' | 'stopped' | 'hidden' | 'away' | 'over';

/** Without a picture for so long it is live no more, in milliseconds. */
const STILL = 3_000;
/** After so long it is said that one still waits. */
const SLOW = 5_000;
/** Until a connection that broke is tried again, and how long at most: each try that succeeds is a look. */
const AGAIN = 1_000;
const AGAIN_AT_MOST = 10_000;
/** How long it is said that nobody watched while the page was hidden. */
const SAID = 8_000;

export class Watch {
  state = $state<State>('closed');
  /** When the picture that is shown arrived at the hub. */
  at = $state<Date | null>(null);
  /** Since when it is watched, without a break. */
  since = $state<Date | null>(null);
  slow = $state(false);
  /** Nobody watched while the page was hidden, and it goes on now. */
  wasHidden = $state(false);
  /** Why it may not go on, or that this browser cannot show it. */
  trouble = $state('');
  /** Why it is tried again, where the hub said so itself. */
  why = $state('');
  hasSound = $state(false);
  sounds = $state(false);
  /** Sound comes, and this browser cannot play it. */
  noSound = $state(false);

  #camera: string;
  #canvas: HTMLCanvasElement | null = null;
  #picture: Picture | null = null;
  #sound: Sound | null = null;
  #track: Track | null = null;
  #stop: (() => void) | null = null;
  #dark: (() => void) | null = null;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #still: ReturnType<typeof setTimeout> | undefined;
  #again = AGAIN;
  #off: (() => void)[] = [];

  constructor(camera: string) {
    this.#camera = camera;
  }

  /** Whether somebody wants to watch here, be there a picture or not. */
  get open(): boolean {
    return this.state !== 'closed' && this.state !== 'over';
  }

  /** Begins to watch. That is a look, and the ledger has it before the first picture comes. */
  start(canvas: HTMLCanvasElement): void {
    if (this.open) return;
    this.trouble = '';
    if (!canDecode()) {
      this.state = 'over';
      this.trouble = w.cannotDecode;
      return;
    }
    this.#canvas = canvas;
    const turned = () => this.#turned();
    document.addEventListener('visibilitychange', turned);
    const deaf = listen(({ event }) => {
      // A hub that is here again is asked at once.
      if (event === 'began' && this.state === 'away') this.#connect();
    });
    this.#off = [() => document.removeEventListener('visibilitychange', turned), deaf];
    this.#connect();
  }

  /** Nobody watches here any more, and nothing of it is left. */
  close(state: 'closed' | 'over' = 'closed'): void {
    this.#off.forEach((off) => off());
    this.#off = [];
    this.#disconnect();
    this.state = state;
    this.wasHidden = false;
  }

  /** Turns the sound on or off. Somebody has to have asked for it: no browser plays it otherwise. */
  toggleSound(): void {
    this.sounds = !this.sounds;
    this.#setSound();
  }

  #connect(): void {
    this.#disconnect();
    if (document.hidden) {
      this.state = 'hidden';
      return;
    }
    this.state = 'waiting';
    this.#after(SLOW, () => (this.slow = true));
    this.#picture = new Picture(this.#canvas!, (arrived) => this.#shown(arrived), () => this.#unable());
    this.#stop = watch(this.#camera, {
      began: () => {
        this.why = '';
        this.#dark ??= light();
        this.since = new Date();
      },
      track: (track) => {
        this.#track = track;
        this.hasSound = Boolean(track.sound) && 'AudioDecoder' in window && !this.noSound;
        void this.#picture?.track(track);
        this.#setSound();
      },
      unit: (unit) => (unit.kind === 'sound' ? this.#sound?.unit(unit) : this.#picture?.unit(unit)),
      over: (why) => this.#over(why),
    });
  }

  #disconnect(): void {
    this.#stop?.();
    this.#stop = null;
    this.#picture?.close();
    this.#picture = null;
    this.#sound?.close();
    this.#sound = null;
    this.#track = null;
    this.#dark?.();
    this.#dark = null;
    this.#timers.forEach(clearTimeout);
    this.#timers.clear();
    clearTimeout(this.#still);
    Object.assign(this, { at: null, since: null, slow: false, hasSound: false });
  }

  #shown(arrived: number): void {
    if (this.state !== 'live') {
      this.state = 'live';
      this.#again = AGAIN;
      if (this.wasHidden) this.#after(SAID, () => (this.wasHidden = false));
    }
    // The page tells the second, and is not made anew for each picture.
    if (Math.floor(arrived / 1000) !== Math.floor((this.at?.getTime() ?? 0) / 1000)) this.at = new Date(arrived);
    clearTimeout(this.#still);
    this.#still = setTimeout(() => this.state === 'live' && (this.state = 'stopped'), STILL);
  }

  #over(why: Over): void {
    const final = 'problem' in why ? finalProblem(why.problem) : (w.over as Record<string, string>)[why.word];
    if (final) {
      this.close('over');
      this.trouble = final;
      return;
    }
    this.#disconnect();
    this.why = 'problem' in why && why.problem.status >= 500 ? words(why.problem) : 'word' in why && why.word === 'too-slow' ? w.tooSlow : '';
    // A camera that is connected anew is there again at once; one that was removed is said to be when it is asked for.
    this.state = 'word' in why && why.word === 'camera-gone' ? 'waiting' : 'away';
    this.#after(this.#again, () => this.#connect());
    this.#again = Math.min(this.#again * 2, AGAIN_AT_MOST);
  }

  #unable(): void {
    this.close('over');
    this.trouble = w.cannotShow;
  }

  #turned(): void {
    if (document.hidden) {
      this.#disconnect();
      this.state = 'hidden';
    } else if (this.state === 'hidden') {
      this.wasHidden = true;
      this.#connect();
    }
  }

  #setSound(): void {
    this.#sound?.close();
    this.#sound = null;
    const sound = this.#track?.sound;
    if (!this.sounds || !sound || !this.hasSound) return;
    this.#sound = new Sound(sound, () => {
      this.#sound?.close();
      this.#sound = null;
      this.hasSound = false;
      this.sounds = false;
      this.noSound = true;
    });
  }

  #after(milliseconds: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, milliseconds);
    this.#timers.add(timer);
  }
}

/** What does not pass by itself; empty of what may. */
function finalProblem(why: Problem): string {
  if (why.word === 'live-altered') return w.altered;
  const passes = why.status === 0 || why.status >= 500;
  return passes ? '' : words(why);
}
