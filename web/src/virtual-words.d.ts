// What `build/languages.ts` makes of the catalogues.

declare module 'virtual:words' {
  type Fetch = () => Promise<{ default: Record<string, object> }>;
  const words: Partial<Record<'door' | 'inside', Record<'en' | 'de', Fetch>>>;
  export default words;
}
