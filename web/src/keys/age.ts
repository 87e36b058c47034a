// age (C2SP), as the library that every seal here is made and opened with. Fifty kilobytes, compressed, which nobody needs at the door.

type Age = typeof import('age-encryption');

let loading: Promise<Age> | null = null;

export function age(): Promise<Age> {
  loading ??= import('age-encryption');
  // What could not be fetched is fetched at the next try.
  loading.catch(() => (loading = null));
  return loading;
}
