// Every page of somebody who is signed in, by its address. Each is fetched when it is first opened.

import type { Component } from 'svelte';
import type { IconName } from '../parts/icons';
import type { shell } from '../words/shell';

export interface Page {
  path: string;
  /** What links to it say. */
  label: keyof Pick<
    typeof shell,
    'home' | 'timeline' | 'people' | 'devices' | 'ledger' | 'policy' | 'more' | 'account' | 'phone' | 'camera' | 'allLive'
  >;
  /** Where its link stands: `always` in view, in the bar of a `wide` screen or a `narrow` one only, or `nowhere` but where something leads to it. */
  place: 'always' | 'wide' | 'narrow' | 'nowhere';
  /** What stands there, for the list of those that have no place in a narrow bar. */
  hint?: keyof Pick<typeof shell, 'peopleHint' | 'devicesHint' | 'policyHint' | 'accountHint' | 'phoneHint'>;
  icon: IconName;
  /** The page that leads to it, where it has no link of its own anywhere. */
  of?: string;
  load: () => Promise<{ default: Component }>;
}

/** In the order of their links. */
export const pages: Page[] = [
  { path: '', label: 'home', place: 'always', icon: 'home', load: () => import('./Home.svelte') },
  { path: 'timeline', label: 'timeline', place: 'always', icon: 'day', load: () => import('./Timeline.svelte') },
  { path: 'people', label: 'people', place: 'wide', hint: 'peopleHint', icon: 'people', load: () => import('./People.svelte') },
  { path: 'devices', label: 'devices', place: 'wide', hint: 'devicesHint', icon: 'speaker', load: () => import('./Devices.svelte') },
  { path: 'ledger', label: 'ledger', place: 'always', icon: 'book', load: () => import('./Ledger.svelte') },
  { path: 'policy', label: 'policy', place: 'wide', hint: 'policyHint', icon: 'list', load: () => import('./Policy.svelte') },
  { path: 'more', label: 'more', place: 'narrow', icon: 'more', load: () => import('./More.svelte') },
  { path: 'account', label: 'account', place: 'nowhere', hint: 'accountHint', icon: 'key', load: () => import('./Account.svelte') },
  { path: 'phone', label: 'phone', place: 'nowhere', hint: 'phoneHint', icon: 'phone', load: () => import('./Phone.svelte') },
  { path: 'camera', label: 'camera', place: 'nowhere', of: '', icon: 'cam', load: () => import('./Camera.svelte') },
  { path: 'live', label: 'allLive', place: 'nowhere', of: '', icon: 'cam', load: () => import('./AllLive.svelte') },
];
