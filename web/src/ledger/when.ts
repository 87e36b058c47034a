// When something was, as one would say it: `on Sunday`, `yesterday at 18:40`.

import { ledgerWords as w } from '../words/ledger';
import { addDays, clock, date, dayOf, today, weekday } from '../words/time.svelte';

export function spoken(at: string): string {
  const day = dayOf(at);
  if (day === today()) return w.today(clock(at));
  if (day === addDays(today(), -1)) return w.yesterday(clock(at));
  return w.onDay(day > addDays(today(), -7) ? weekday(at) : date(at));
}
