// Files that somebody puts away.

import { write, type Form } from './receipt';

/** Saves a file: a receipt in its one spelling, or a text as it is. */
export function saveFile(name: string, content: Form | string): void {
  const text = typeof content === 'string' ? content : write(content);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
  link.download = name;
  link.click();
  // The download has its own hold on it by then.
  setTimeout(() => URL.revokeObjectURL(link.href));
}
