// Looking things up as often as things happen, and no more often than anybody can see.

/** Calls `work` at once, and at most once in a while however often it is asked to; never twice at a time. */
export function coalesced(work: () => Promise<void>, rest = 400): () => void {
  let running = false;
  let again = false;
  return function ask(): void {
    if (running) {
      again = true;
      return;
    }
    running = true;
    void work()
      // What went wrong is told by whoever works; here it only must not stop the next.
      .catch(() => undefined)
      .then(() => new Promise((later) => setTimeout(later, rest)))
      .then(() => {
        running = false;
        if (!again) return;
        again = false;
        ask();
      });
  };
}
