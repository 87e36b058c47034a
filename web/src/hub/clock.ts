// The hub's clock, which may say another time than this browser's.
import { ask } from './api';

/** What it shows, as an instant. */
export async function hubsTime(): Promise<string> {
  return (await ask<{ now: string }>('GET', '/api/clock')).now;
}
