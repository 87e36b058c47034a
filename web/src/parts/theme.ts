// Light or dark: as the system has it, until the person chooses; the choice stays in this browser.

export type Theme = 'light' | 'dark';
const KEPT = 'porchlight.theme';
const system = matchMedia('(prefers-color-scheme: dark)');

/** What was chosen in this browser, if anything was. */
export function chosen(): Theme | null {
  const kept = localStorage.getItem(KEPT);
  return kept === 'light' || kept === 'dark' ? kept : null;
}

/** The paper of each, for the bar that a phone draws around the app. */
const PAPER: Record<Theme, string> = { light: '#FBF5E9', dark: '#0D1526' };

function show(): void {
  const now = chosen() ?? (system.matches ? 'dark' : 'light');
  document.documentElement.dataset.theme = now;
  for (const bar of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) bar.content = PAPER[now];
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
