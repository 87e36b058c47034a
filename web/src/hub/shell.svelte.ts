// The app's own files, kept in the phone by its service worker, and what happens when the hub brings newer ones.

/** Whether the hub has a newer app than the one that is open. */
export const shell = $state<{ old: boolean }>({ old: false });

let registration: ServiceWorkerRegistration | null = null;

/** Keeps the app in the phone. Where the browser refuses (no secure page, a private window), it comes from the hub every time. */
export function keepShell(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => void compare());
  const register = async () => {
    registration = await navigator.serviceWorker.register('/service-worker.js').catch(() => null);
  };
  // Not before the page itself is there.
  if (document.readyState === 'complete') void register();
  else addEventListener('load', () => void register());
}

/** Asks the hub whether it has a newer app. */
export function askForNewer(): void {
  // That it cannot be asked now is no trouble; it is asked again.
  registration?.update().catch(() => undefined);
}

/** Compares what this page was made of with the newest files that are kept. */
async function compare(): Promise<void> {
  const newest = (await caches.keys()).filter((name) => name.startsWith('porchlight-shell-')).at(-1);
  if (!newest) return;
  const cache = await caches.open(newest);
  const parts = document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>('script[src], link[rel=stylesheet]');
  const found = await Promise.all([...parts].map((part) => cache.match('src' in part ? part.src : part.href, { ignoreVary: true })));
  shell.old = found.includes(undefined);
}
