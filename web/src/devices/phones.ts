// How a phone reaches the hub, and whether it can.

import { ask } from '../hub/api';
import { proven } from '../keys/step-up.svelte';

export interface PhoneView {
  network: boolean;
  addresses: string[];
  authority: { name: string; fingerprint: string } | null;
  given: boolean;
  /** Whether whoever is here may let phones in. */
  yours: boolean;
}

export function lookUpPhones(): Promise<PhoneView> {
  return ask<PhoneView>('GET', '/api/phone');
}

/** Lets phones in, for whoever proves who they are (`why`, in a sentence). Null when they would rather not. */
export function letPhonesIn(why: string): Promise<PhoneView | null> {
  return proven(why, () => ask<PhoneView>('POST', '/api/phone'));
}

/** A given certificate is for the name under which this page was opened; the hub's own is for all its addresses. */
export function addressesOf(view: PhoneView): string[] {
  const here = location.hostname !== 'localhost' && !/^(127\.|\[::1\])/.test(location.hostname) ? [location.origin] : [];
  return view.given && here.length > 0 ? here : view.addresses;
}
