// Which page is open: the part of the address after the `#`, which never goes over the network.

const now = () => location.hash.replace(/^#\/?/, '').split('/')[0] ?? '';

/** The page that is open; empty for the first one. */
export const route = $state({ page: now() });

addEventListener('hashchange', () => (route.page = now()));
