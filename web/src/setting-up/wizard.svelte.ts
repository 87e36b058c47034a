// What somebody has said so far while they set their home up. It lives in this page alone.

import { newId, type Person } from '../household/document';
import { ageOf, type Age } from '../household/people';
import { newTotp, type NewKeys, type Totp } from '../keys/enrol';
import type { Recovery } from '../keys/recovery';
import type { Sentence } from '../words/hub';
import { language, type Language } from '../words/index.svelte';

/** Somebody who lives here, beside the one who sets up. */
export interface Other {
  id: string;
  name: string;
  /** Year and month. */
  born: string;
  /** Adults, by id. */
  guardians: string[];
}

/** Where the hub keeps things. */
export interface Places {
  data: string;
  strongbox: string;
  /** What weakens the promise of the strongbox there. */
  warnings_said: Sentence[];
}

export const STEPS = 7;

export class Wizard {
  step = $state(0);
  code = $state('');
  name = $state('');
  zone = $state(Intl.DateTimeFormat().resolvedOptions().timeZone);
  language = $state<Language>(language.now);
  /** Whether phones may come in; once the household is made, whether they can. */
  phones = $state(false);
  places = $state<Places | null>(null);
  /** The owner's id, name and birth month. */
  readonly id = newId();
  owner = $state('');
  born = $state('');
  others = $state<Other[]>([]);
  mirror = $state('');
  /** From when they are made until the kit is put away. */
  keys = $state.raw<NewKeys | null>(null);
  /** As long. */
  recovery = $state.raw<Recovery | null>(null);
  /** The hub's word for the owner's first sign-in, with which a passkey can be added. */
  proof = '';
  /** Whether there is a passkey, and what it is good for: to sign in alone, or in place of the digits. */
  passkey = $state<'' | 'alone' | 'digits'>('');
  kit = $state<'' | 'paper' | 'later'>('');
  private totp: { of: string; made: Totp } | null = null;

  age(born: string): Age | null {
    return /^\d{4}-(0[1-9]|1[0-2])$/.test(born) ? ageOf({ time_zone: this.zone }, { born }) : null;
  }

  /** The adults that a child can be in the care of, the owner first. */
  get adults(): { id: string; name: string }[] {
    return [{ id: this.id, name: this.owner.trim() }, ...this.others.filter(({ born }) => this.age(born) === 'adult')];
  }

  /** The others as the household document has them. */
  get people(): Person[] {
    return this.others.map(({ id, name, born, guardians }) => {
      const minor = this.age(born) !== 'adult' && guardians.length > 0;
      return { id, name: name.trim(), born, ...(minor ? { guardians: [...guardians] } : {}) };
    });
  }

  /** The owner's second factor: one for as long as it goes by the same names, since what was scanned must be what the hub is told. */
  get authenticator(): Totp {
    const of = JSON.stringify([this.name, this.owner]);
    if (this.totp?.of !== of) this.totp = { of, made: newTotp(this.name, this.owner) };
    return this.totp.made;
  }

  of(age: Age): string[] {
    return this.people.filter(({ born }) => this.age(born) === age).map(({ name }) => name);
  }

  /** The keys are where they belong, and no longer needed here. */
  wipe(): void {
    this.keys?.wipe();
    this.keys = this.recovery = null;
    this.proof = '';
  }
}

