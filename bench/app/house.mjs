// A real household for the measuring: its hub, a camera that has recorded, and a day with many moments.

import { execFile, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const NAME = 'Anna';

export class House {
  constructor(program, root, folder) {
    Object.assign(this, { program, root, folder, address: '', children: [] });
  }

  file(name) {
    return join(this.folder, name);
  }

  async open() {
    mkdirSync(this.file('no-models'));
    writeFileSync(this.file('passphrase'), 'seven lanterns drift over the harbour\n');
    await this.anna('init', '--owner', NAME, '--time-zone', 'Europe/Berlin', '--data', this.file('data'), '--passphrase-file', this.file('passphrase'), '--recovery-kit', this.file('kit'), '--totp-secret-file', this.file('totp'));
    const serve = ['--json', 'serve', '--data', this.file('data'), '--models', this.file('no-models'), '--listen', '127.0.0.1:0'];
    const hub = spawn(this.program, serve, { env: this.surroundings(), stdio: ['ignore', 'pipe', openSync(this.file('log'), 'a')] });
    this.children.push(hub);
    this.address = JSON.parse(await firstLine(hub)).listening;
    await this.anna('sign-in', '--hub', this.address, '--name', NAME, '--passphrase-file', this.file('passphrase'), '--totp-secret-file', this.file('totp'));
    await this.anna('consent', 'grant', NAME, 'history');
  }

  /** The project's stand-in camera, recorded until so many segments are kept. */
  async record(segments) {
    const script = join(this.root, 'tests/stand-in-camera/stand-in-camera.py');
    const camera = spawn('/usr/bin/python3', [script, '--attached', '--size', '1280x720', '--minutes', '5', '--port', '0', '--user', 'porch', '--password', 'lantern'], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: this.folder } });
    this.children.push(camera);
    const port = /:(\d+)/.exec((await firstLine(camera)).replace('rtsp://', ''))[1];
    const adding = run(this.program, ['--json', 'device', 'add', 'Porch', '--kind', 'camera', '--url', '-'], { env: this.surroundings() });
    adding.child.stdin.end(`rtsp://porch:lantern@127.0.0.1:${port}/cam`);
    await adding;
    for (const late = Date.now() + 180_000; Date.now() < late; await new Promise((wait) => setTimeout(wait, 1000))) {
      if ((await this.anna('list', '--kind', 'video')).length >= segments) return;
    }
    throw new Error('the camera records nothing');
  }

  /** Writes so many sentences to Porchlight, each a moment that is kept: the words and the answer. */
  async write(moments) {
    const { sessions } = JSON.parse(readFileSync(this.file('state/porchlight/sessions.json'), 'utf8'));
    const headers = { authorization: `Bearer ${sessions[this.address].token}`, 'content-type': 'application/json' };
    let next = 0;
    const writer = async () => {
      while (next < moments) {
        const text = `What time is it, number ${next++}?`;
        const answer = await fetch(`${this.address}/api/ask`, { method: 'POST', headers, body: JSON.stringify({ text, device: null, aloud: false, conversation: null }) });
        if (!answer.ok) throw new Error(`writing to Porchlight: ${answer.status} ${await answer.text()}`);
        await answer.arrayBuffer();
      }
    };
    await Promise.all(Array.from({ length: 4 }, writer));
  }

  async anna(...words) {
    const { stdout } = await run(this.program, ['--json', ...words], { env: this.surroundings(), maxBuffer: 1 << 28 });
    return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  close() {
    for (const child of this.children) child.kill('SIGKILL');
  }

  surroundings() {
    const { PORCHLIGHT_HUB: _hub, PORCHLIGHT_DATA: _data, PORCHLIGHT_LOG: _log, ...rest } = process.env;
    return { ...rest, XDG_STATE_HOME: this.file('state'), PORCHLIGHT_PASSPHRASE_FILE: this.file('passphrase') };
  }
}

async function firstLine(child) {
  for await (const line of createInterface({ input: child.stdout })) if (/listening|rtsp:/.test(line)) return line;
  throw new Error('a program ended before it said where it listens');
}
