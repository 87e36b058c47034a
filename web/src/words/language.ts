/** The languages of the app, by their tags. */
export type Language = 'en' | 'de';
