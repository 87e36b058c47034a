// Every page of somebody who is signed in, by its address.

import type { Component } from 'svelte';
import Day from './Day.svelte';
import More from './More.svelte';

/** What every page is given. */
export interface PageProps {
  /** Who is signed in. */
  name: string;
  /** The session is over. */
  lost: () => void;
}

export interface Page {
  path: string;
  /** What links to it say. */
  label: string;
  /** Where its link stands: always in view, or on the page of all that is left. */
  place: 'bar' | 'more';
  /** For the bar. */
  icon?: 'home' | 'day' | 'people' | 'book' | 'more';
  page: Component<PageProps>;
}

/** In the order of their links. */
export const pages: Page[] = [
  { path: '', label: 'Timeline', place: 'bar', icon: 'day', page: Day },
  { path: 'more', label: 'More', place: 'bar', icon: 'more', page: More },
];
