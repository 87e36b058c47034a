// What is wrong with a household that is not to be believed.

import { documents as w } from '../words/household';

/** That the hub shows another household than it should; says in words what is wrong with it. */
export class NotTheHousehold extends Error {
  constructor(
    readonly what: keyof typeof w.why,
    detail: string,
  ) {
    super(`${w.notIt(w.why[what](detail))} ${w.doNotGoOn}`);
  }

  /** What else could explain it, which only the people of the household know; none where nothing could. */
  get orElse(): string | undefined {
    return w.orElse[this.what];
  }
}
