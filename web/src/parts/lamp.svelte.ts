// The lantern in the corner: lit while anyone looks or Porchlight listens, and dark otherwise.

const reasons = $state<{ count: number }>({ count: 0 });

export const lamp = {
  get lit(): boolean {
    return reasons.count > 0;
  },
};

/** Lights the lamp until the answer is called. */
export function light(): () => void {
  reasons.count += 1;
  let on = true;
  return () => {
    if (on) reasons.count -= 1;
    on = false;
  };
}
