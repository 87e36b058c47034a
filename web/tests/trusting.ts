// A browser of its own, in which somebody installed a certificate authority: that one, and no other of a household.

import { chromium, type LaunchOptions, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Trusting {
  page: Page;
  close: () => Promise<void>;
}

/** A Chromium that trusts the authority in this file (PEM or DER), and that finds the hub under its name at this computer. */
export async function trusting(authority: string, options: LaunchOptions): Promise<Trusting> {
  const home = mkdtempSync(join(tmpdir(), 'porchlight-trusting-'));
  const database = join(home, '.pki/nssdb');
  mkdirSync(database, { recursive: true });
  const certutil = (...words: string[]) => execFileSync('certutil', [...words, '-d', `sql:${database}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  certutil('-N', '--empty-password');
  certutil('-A', '-n', 'household', '-t', 'C,,', '-i', authority);
  const args = [...(options.args ?? []), '--host-resolver-rules=MAP porchlight.local 127.0.0.1'];
  const browser = await chromium.launch({ ...options, args, env: { ...(process.env as Record<string, string>), HOME: home } });
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
  const close = async () => {
    await browser.close();
    rmSync(home, { recursive: true, force: true });
  };
  return { page: await context.newPage(), close };
}
