// Whether pictures and words open by themselves on this device: a choice of one person, which stays in this browser. Asking is the rule,
// since a phone that lies about would look for whoever holds it.

import { home } from '../household/home.svelte';

/** With the id of whoever chose it. */
const KEPT = 'porchlight.opens.';
const choice = $state({ changed: 0 });

export const byItself = {
  /** Whether whoever is signed in chose that what is theirs to see opens without being asked for, as one look for each visit. */
  get chosen(): boolean {
    void choice.changed;
    return home.me !== '' && localStorage.getItem(KEPT + home.me) === 'yes';
  },
  set chosen(yes: boolean) {
    if (yes) localStorage.setItem(KEPT + home.me, 'yes');
    else localStorage.removeItem(KEPT + home.me);
    choice.changed += 1;
  },
};
