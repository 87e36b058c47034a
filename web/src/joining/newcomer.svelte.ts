// Somebody who comes in: from the code on an owner's screen to a session of their own. All that they make is made here, and lives in this
// page until they are in.

import { home, load } from '../household/home.svelte';
import { startAnew } from '../household/seen';
import { ask, Problem } from '../hub/api';
import { called, session, signedIn, signOut } from '../hub/session.svelte';
import { makeKeys, newAccount, newTotp, recoveryKit, type NewAccount, type NewKeys, type Totp } from '../keys/enrol';
import { accountHash, bind, isGreeting, isPromised, numbersOf, secretsOf, type Asking, type Secrets } from '../keys/invitation';
import { setLater } from '../keys/kit-state.svelte';
import { makeRecovery, type Recovery } from '../keys/recovery';
import { signIn } from '../keys/sign-in';
import { shownNow } from '../keys/totp';
import { speakAs } from '../words/index.svelte';
import { failed, halted, join as say, type Halt } from '../words/join';
import { clock, place } from '../words/time.svelte';

/** The invitation as the hub tells of it, to whoever has its handle. */
interface Invited extends Asking {
  greeting: string;
  until: string;
  language: string;
  time_zone: string;
}

/** What has become of an answer, and what the numbers hang on once the other client has taken it. */
interface Waited {
  state: 'answered' | 'let-in' | 'stopped' | 'ended';
  nonce?: string;
}

/** What is on the kit, while it is being put away. */
export interface Sheet {
  line: string;
  recovery: string;
  /** The same as a file. */
  text: string;
}

export type Step = 'code' | 'passphrase' | 'digits' | 'kit' | 'compare';

/** Those that are counted, and how many there are. */
export const COUNTED: Step[] = ['passphrase', 'digits', 'kit', 'compare'];

/** Before a hub that did not answer is asked again, in milliseconds. */
const AGAIN = 2000;

export class Newcomer {
  step = $state<Step>('code');
  invited = $state.raw<Invited | null>(null);
  totp = $state.raw<Totp | null>(null);
  sheet = $state.raw<Sheet | null>(null);
  /** What both screens show, once whoever asked has taken the answer; none until then. */
  numbers = $state.raw<string[]>([]);
  busy = $state(false);
  /** What did not work, and may be tried again. */
  trouble = $state('');
  /** Why it does not go on. */
  halt = $state.raw<Halt | null>(null);
  /** Whether somebody is between this page and who has the code: then nothing is to be typed here. */
  foreign = $state(false);
  /** Whether the hub is out of reach while somebody waits. */
  away = $state(false);
  /** Let in, and being signed in. */
  entering = $state(false);

  private secrets: Secrets | null = null;
  private passphrase = '';
  private keys: NewKeys | null = null;
  private recovery: Recovery | null = null;
  private account: NewAccount | null = null;
  private binding = '';
  private later = false;
  /** Counts up with each beginning and end, so that what was asked for before is not taken up. */
  private turn = 0;

  /** Who asks, by name. */
  get by(): string {
    return this.invited?.by ?? '';
  }

  /** Finds the invitation of a code. */
  async open(code: string): Promise<void> {
    this.drop();
    this.halt = null;
    this.foreign = false;
    await this.tried(async () => {
      const secrets = await secretsOf(code);
      const invited = await ask<Invited>('POST', '/api/invitations/open', { handle: secrets.handle });
      place.zone = invited.time_zone;
      speakAs(invited.language);
      if (!(await isGreeting(secrets, invited, invited.greeting))) {
        return this.isForeign(secrets, { title: say.false(invited.by), lead: say.falseMore });
      }
      this.secrets = secrets;
      this.invited = invited;
      // One for the whole way: what was scanned must be what the hub is told.
      this.totp = newTotp(invited.household_name ?? '', invited.name);
      this.step = 'passphrase';
    });
  }

  choose(passphrase: string): void {
    this.passphrase = passphrase;
    this.trouble = '';
    this.step = 'digits';
  }

  /** Makes keys, kit and account. */
  async enrol(): Promise<void> {
    await this.tried(async () => {
      const { secrets, invited, totp } = this;
      if (!secrets || !invited || !totp) return;
      const turn = this.turn;
      const keys = (this.keys ??= await makeKeys());
      const recovery = (this.recovery ??= await makeRecovery());
      const { handle } = secrets;
      const register = async (request: string) => (await ask<{ response: string }>('POST', '/api/invitations/register', { handle, request })).response;
      const { person, name, household_name } = invited;
      const who = { person, name, household: household_name ?? undefined, passphrase: this.passphrase, keys, recovery, register };
      const { account } = await newAccount(who, totp);
      if (turn !== this.turn) return keys.wipe();
      this.account = account;
      this.binding = await bind(secrets, invited.greeting, { keys: keys.public, account: await accountHash(account) });
      this.sheet = { line: new TextDecoder().decode(keys.line), recovery: recovery.text, text: recoveryKit(keys, recovery, name, household_name ?? undefined) };
      this.step = 'kit';
    });
  }

  /** The kit is on paper, or is to be printed later; sends what was made, and waits for whoever asked. */
  async answer(onPaper: boolean): Promise<void> {
    this.later = !onPaper;
    await this.tried(async () => {
      const { secrets, keys, account, binding } = this;
      if (!secrets || !keys || !account) return;
      const turn = this.turn;
      // It may be sent again by whoever does not know whether it arrived.
      await ask('POST', '/api/invitations/answer', { handle: secrets.handle, keys: keys.public, account, binding });
      if (turn !== this.turn) return;
      // From here on they may be let in, whether or not this page is still open by then.
      if (this.later) setLater(true);
      this.sheet = null;
      this.step = 'compare';
      void this.wait(turn);
    });
  }

  /** The numbers differ: nobody is let in, and whoever asked is told; unless they had let in by then. */
  async stop(): Promise<void> {
    // What is heard of it while it is being stopped is no news.
    const turn = (this.turn += 1);
    await this.tried(async () => {
      const { by, binding } = this;
      const handle = this.secrets?.handle;
      await ask('POST', '/api/invitations/stop', { handle });
      const { state } = await ask<Waited>('POST', '/api/invitations/wait', { handle, binding, has_nonce: true });
      if (state !== 'let-in') return this.over({ title: say.stoppedHere, lead: say.stoppedHereMore(by) });
      this.drop();
      this.halt = { title: say.tooLate(by), lead: say.tooLateMore(by) };
    });
    if (turn === this.turn) void this.wait(turn);
  }

  /** Lets go of everything that was made. */
  drop(): void {
    this.turn += 1;
    this.keys?.wipe();
    this.passphrase = this.binding = this.trouble = '';
    this.secrets = this.invited = this.totp = this.sheet = this.keys = this.recovery = this.account = null;
    this.numbers = [];
    this.away = false;
    this.step = 'code';
  }

  private async wait(turn: number): Promise<void> {
    const { secrets, invited, binding } = this;
    if (!secrets || !invited) return;
    while (turn === this.turn) {
      const body = { handle: secrets.handle, binding, has_nonce: this.numbers.length > 0 };
      try {
        const { state, nonce } = await ask<Waited>('POST', '/api/invitations/wait', body);
        if (turn !== this.turn) return;
        this.away = false;
        if (state === 'stopped') return this.over({ title: say.stopped, lead: say.askNew(this.by) });
        if (state === 'ended') return this.over({ title: say.ended(clock(invited.until)), lead: say.askNew(this.by) });
        if (!body.has_nonce && (nonce !== undefined || state === 'let-in')) {
          // Before any number is shown: of another nonce somebody chose them.
          const promised = await isPromised(nonce ?? '', invited.commitment);
          if (turn !== this.turn) return;
          if (!promised) return this.isForeign(secrets, { title: say.altered, lead: say.alteredMore(this.by) });
          this.numbers = await numbersOf(secrets, binding, nonce ?? '');
        }
        if (state === 'let-in') return await this.enter();
      } catch (why) {
        if (turn !== this.turn) return;
        const halt = halted(why, this.by);
        if (halt && why instanceof Problem && why.code === 'invitation-unknown') return await this.enterUnknown(halt, turn);
        if (halt) return this.over(halt);
        this.away = true;
        await new Promise((wait) => setTimeout(wait, AGAIN));
      }
    }
  }

  /** Signs in with what was made here; where that does not work, the door has the name filled in. */
  private async enter(): Promise<void> {
    const { invited } = this;
    if (!invited) return;
    this.entering = true;
    try {
      await this.comeIn(invited);
    } catch {
      called(invited.name);
      if (session.here === 'out') session.note = say.signInNow;
    }
    location.hash = '#/';
    this.drop();
  }

  /** A hub that was started anew knows no invitation of before. Whether somebody had been let in by then shows when they sign in; and where
   * they cannot it is not known, so that what they put away is kept. */
  private async enterUnknown(halt: Halt, turn: number): Promise<void> {
    const { invited } = this;
    if (!invited) return;
    this.entering = true;
    try {
      await this.comeIn(invited);
      location.hash = '#/';
      this.drop();
    } catch {
      if (turn === this.turn) this.over(halt, say.kitUnknown(invited.by));
    } finally {
      this.entering = false;
    }
  }

  private async comeIn(invited: Invited): Promise<void> {
    const { totp, passphrase } = this;
    if (!totp) return;
    // Whatever household this browser knew before, this is the one that somebody was asked into.
    startAnew();
    await signIn(invited.name, passphrase, { code: await shownNow(totp.secret) });
    setLater(this.later);
    await load();
    if (isTheHome(invited)) signedIn(invited.name);
    else await signOut(say.otherHome);
  }

  /** Somebody is between this page and whoever made the code, who is to know of it. */
  private isForeign({ handle }: Secrets, halt: Halt): void {
    this.over(halt);
    this.foreign = true;
    void ask('POST', '/api/invitations/stop', { handle }).catch(() => undefined);
  }

  private over(halt: Halt, ofKit = say.kitWorthless): void {
    // Once the kit was shown, it may be on paper.
    const kit = this.account !== null;
    this.drop();
    this.halt = kit ? { ...halt, more: ofKit } : halt;
  }

  private async tried(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.trouble = '';
    try {
      await work();
    } catch (why) {
      const halt = halted(why, this.by);
      if (halt) this.over(halt);
      else this.trouble = failed(why);
    } finally {
      this.busy = false;
    }
  }
}

/** Whether the household that the hub shows is the one of whoever asked: its greeting, made with the code, named both. */
function isTheHome({ household, by_signer }: Invited): boolean {
  const shown = home.household;
  return shown?.id === household && shown.people.some(({ owner, keys }) => owner === true && keys?.signer === by_signer);
}
