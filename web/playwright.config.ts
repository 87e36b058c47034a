import { defineConfig } from '@playwright/test';

// Stories in which somebody uses what is laid out in another way on a desktop are told there too: they have this tag. All others are told
// on a phone alone; their pages are judged at every width there (`isSound`).
const WIDE = /@wide/;

// The app as a household meets it: in a real Chromium, against the real hub. `make test` installs both.
export default defineConfig({
  testDir: 'tests',
  outputDir: '../target/app-tests',
  // Each waits about half its time, for the hub or for a word that is spoken.
  workers: 3,
  // Speech is never spoken twice the same way, and on a busy machine a sentence may lose its beginning: what fails is tried once more, and told of.
  retries: 2,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    },
    // Nothing is judged in the middle of a movement.
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 20_000,
    locale: 'en-GB',
  },
  projects: [
    { name: 'phone', use: { viewport: { width: 390, height: 844 } } },
    { name: 'desktop', grep: WIDE, use: { viewport: { width: 1280, height: 800 } } },
  ],
});
