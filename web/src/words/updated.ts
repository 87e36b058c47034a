// That the hub has a newer app than the one that is open.

import { catalogue } from './index.svelte';

export const updated = catalogue({
  en: { newer: 'Porchlight was updated.', open: 'Open the new pages' },
  de: { newer: 'Porchlight wurde erneuert.', open: 'Die neuen Seiten öffnen' },
});
