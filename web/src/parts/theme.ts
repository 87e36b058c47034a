// Light or dark: as the system has it, until the person chooses; the choice stays in this browser.

export type Theme = 'light' | 'dark';
const KEPT = 'porchlight.theme';
const system = matchMedia('(prefers-color-scheme: dark)');

/** What was chosen in this browser, if anything was. */
export function chosen(): Theme | null {
  const kept = localStorage.getItem(KEPT);
  return kept === 'light' || kept === 'dark' ? kept : null;
}

function show(): void {
  document.documentElement.dataset.theme = chosen() ?? (system.matches ? 'dark' : 'light');
}

/** Shows the theme now, and whenever the system changes its mind. */
export function follow(): void {
  show();
  system.addEventListener('change', show);
}

/** Chooses the other one. */
export function turn(): void {
  localStorage.setItem(KEPT, document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
  show();
}

/** Chooses one, or the system's. */
export function choose(theme: Theme | null): void {
  if (theme) localStorage.setItem(KEPT, theme);
  else localStorage.removeItem(KEPT);
  show();
}
