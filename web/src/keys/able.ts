// Whether this browser can keep a member's keys where no script reads them. None is put away in any weaker form, so one that
// cannot lets nobody in.

/** Whether WebCrypto knows both curves: since Chromium 137, Firefox 130 and Safari 17. */
export async function able(): Promise<boolean> {
  try {
    await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
    await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    return true;
  } catch {
    return false;
  }
}
