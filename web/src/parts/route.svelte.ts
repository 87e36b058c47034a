// Which page is open: the part of the address after the `#`, which never goes over the network.

interface Route {
  /** The page; empty for the first one. */
  page: string;
  /** What of it: `mia` in `#/people/mia`. */
  rest: string[];
}

function read(): Route {
  const [page = '', ...rest] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  return { page, rest };
}

export const route = $state<Route>(read());

addEventListener('hashchange', () => Object.assign(route, read()));
