// Whether somebody put off printing their kit, in this browser.

const KEPT = 'porchlight.kit';

export function isLater(): boolean {
  return localStorage.getItem(KEPT) === 'later';
}

export function setLater(later: boolean): void {
  if (later) localStorage.setItem(KEPT, 'later');
  else localStorage.removeItem(KEPT);
}
