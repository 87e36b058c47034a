// A camera's address: whole for the hub's strongbox, and for the household document the host alone.

/** Null when it is no address of film. A password may stand in the address, in a field of its own, or nowhere. */
export function cameraAddress(address: string, user: string, password: string): { whole: string; host: string } | null {
  const found = /^rtsp:\/\/(?:([^@/?#]*)@)?([^@/?#]+)([/?].*)?$/i.exec(address.trim());
  const host = found?.[2];
  if (!found || !host) return null;
  const given = user ? `${encodeURIComponent(user)}:${encodeURIComponent(password)}@` : found[1] ? `${found[1]}@` : '';
  // Some cameras take a password in the path or the query, so neither is for the document.
  return { whole: `rtsp://${given}${host}${found[3] ?? ''}`, host: `rtsp://${host}` };
}
