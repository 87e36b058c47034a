// Keeps the app's own files in the phone, so that it opens at once, and opens when the hub is out of reach. Never an answer of the
// hub's API: what is kept here is the same for everybody, and says nothing of anybody.
/// <reference lib="webworker" />

/** The app's files, as paths, and one word for all of them together. The build puts them here. */
declare const SHELL: string[];
declare const VERSION: string;

const worker = self as unknown as ServiceWorkerGlobalScope;
const PREFIX = 'porchlight-shell-';
const OURS = PREFIX + VERSION;
/** How long a hub that does not answer is waited for, in milliseconds, before the page is shown as it was. */
const PATIENCE = 2000;

worker.addEventListener('install', (event) => {
  event.waitUntil(keep().then(() => worker.skipWaiting()));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(tidy().then(() => worker.clients.claim()));
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (pathname === '/') event.respondWith(page(request));
  else if (pathname.startsWith('/assets/') || SHELL.includes(pathname)) event.respondWith(file(request));
  // Everything else is between the page and the hub.
});

async function keep(): Promise<void> {
  const cache = await caches.open(OURS);
  // Files whose name changes with what is in them may come from the browser's own cache; the others may not.
  await cache.addAll(SHELL.map((path) => new Request(path, { cache: path.startsWith('/assets/') ? 'default' : 'reload' })));
}

/** Pages that were open before an update go on with the files they know, so one older shell stays. */
async function tidy(): Promise<void> {
  const shells = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== OURS);
  await Promise.all(shells.slice(0, -1).map((name) => caches.delete(name)));
}

/** The page as the hub has it now; as it was, where the hub does not answer. */
async function page(request: Request): Promise<Response> {
  const fresh = fetch(request);
  const late = new Promise<null>((give) => setTimeout(give, PATIENCE, null));
  const first = await Promise.race([fresh, late]).catch(() => null);
  return first ?? (await kept('/')) ?? fresh;
}

async function file(request: Request): Promise<Response> {
  return (await kept(request)) ?? fetch(request);
}

async function kept(what: Request | string): Promise<Response | undefined> {
  const how = { ignoreVary: true };
  return (await caches.match(what, { ...how, cacheName: OURS })) ?? (await caches.match(what, how));
}
