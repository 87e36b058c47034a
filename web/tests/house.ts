// A household of its own for a test: folders, people who sign in, and the real hub.

import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAM = process.env['PORCHLIGHT_BIN'] ?? join(ROOT, 'target/debug/porchlight');
const MODELS = process.env['PORCHLIGHT_MODELS'] ?? join(ROOT, 'models/weights');
const run = promisify(execFile);

export interface HouseOptions {
  /** With the speech models; else the hub is deaf and mute, and starts faster. */
  voice?: boolean;
  /** More options of `porchlight serve`. */
  serve?: string[];
  /** With a mirror of the strongbox, in the folder `mirror`. */
  mirror?: boolean;
}

/** A household, its owner Anna, and its hub. */
export class House {
  readonly folder = mkdtempSync(join(tmpdir(), 'porchlight-house-'));
  /** Where the hub listens; a hub that starts again listens there again. */
  address = '';
  /** Of a hub without a household yet: what its terminal shows. */
  setUpCode = '';
  private hub: ChildProcess | null = null;

  private readonly options: HouseOptions;

  private constructor(options: HouseOptions) {
    this.options = { ...options };
    mkdirSync(this.file('no-models'));
  }

  /** A household whose hub serves, with Anna signed in at the command line. */
  static async open(options: HouseOptions = {}): Promise<House> {
    const house = House.empty(options);
    const kept = ['--recovery-kit', house.file('Anna.kit'), '--totp-secret-file', house.file('Anna.totp')];
    house.newPassphrase('Anna');
    await house.run('Anna', 'init', '--owner', 'Anna', '--time-zone', 'Europe/Berlin', '--data', house.file('data'), '--passphrase-file', house.file('Anna.passphrase'), ...kept, ...house.strongboxes());
    await house.serve();
    await house.signIn('Anna');
    return house;
  }

  /** A household that an earlier release made, served by this one; its owner Anna has a kit of then. */
  static async ofAnEarlierRelease(): Promise<House> {
    const house = House.empty();
    await run('tar', ['-xzf', join(ROOT, 'tests/fixtures/earlier-release.tar.gz'), '-C', house.folder]);
    await house.serve();
    return house;
  }

  /** Folders, and no household in them yet. */
  static empty(options: HouseOptions = {}): House {
    return new House(options);
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** Starts the hub, and waits until it listens. */
  async serve(): Promise<void> {
    const listen = this.address ? this.address.split('://')[1]! : '127.0.0.1:0';
    const models = this.options.voice ? MODELS : this.file('no-models');
    const listens = this.options.serve?.includes('--listen') ? [] : ['--listen', listen];
    const how = ['--json', 'serve', '--defaults', '--data', this.file('data'), '--models', models, ...listens, ...this.strongboxes(), ...(this.options.serve ?? [])];
    const log = openSync(this.file('log'), 'a');
    this.hub = spawn(PROGRAM, how, { env: this.surroundings('Anna'), stdio: ['ignore', 'pipe', log] });
    // It prints its address once it listens; when it cannot start, this ends with it.
    for await (const line of createInterface({ input: this.hub.stdout! })) {
      const said = JSON.parse(line) as { listening: string; set_up_code?: string };
      // Whoever serves every address serves this one.
      this.address = said.listening.replace('0.0.0.0', '127.0.0.1');
      this.setUpCode = said.set_up_code ?? '';
      return;
    }
    throw new Error(`the hub does not start: ${readFileSync(this.file('log'), 'utf8')}`);
  }

  /** With these options the hub starts the next time. */
  serveWith(...options: string[]): void {
    this.options.serve = options;
  }

  /** Takes the hub's power away. */
  async kill(): Promise<void> {
    const hub = this.hub;
    if (!hub || hub.exitCode !== null) return;
    const over = new Promise((done) => hub.once('exit', done));
    hub.kill('SIGKILL');
    await over;
    this.hub = null;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A command of Anna's; its lines of JSON. */
  async anna(...words: string[]): Promise<Record<string, unknown>[]> {
    return this.run('Anna', ...words);
  }

  /** A command of somebody's, on a computer of their own. */
  async run(name: string, ...words: string[]): Promise<Record<string, unknown>[]> {
    const done = run(PROGRAM, ['--json', ...words], { env: this.surroundings(name), timeout: 60_000 });
    done.child.stdin?.end();
    const { stdout } = await done.catch((why: { stderr?: string }) => {
      throw new Error(`porchlight ${words.join(' ')}: ${why.stderr ?? String(why)}`);
    });
    return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** A command that says something, and is answered, before it is over. */
  private begin(name: string, ...words: string[]) {
    const child = spawn(PROGRAM, ['--json', ...words], { env: this.surroundings(name), stdio: ['pipe', 'pipe', 'pipe'] });
    let troubles = '';
    child.stderr.on('data', (part: Buffer) => (troubles += part.toString()));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ended = new Promise<void>((done, fail) => child.once('exit', (code) => (code === 0 ? done() : fail(new Error(`porchlight ${words.join(' ')}: ${troubles}`)))));
    return {
      says: async <T>() => JSON.parse(((await lines.next()) as { value?: string }).value ?? (await ended, '')) as T,
      answer: (line: string) => child.stdin.end(`${line}\n`),
      over: ended,
    };
  }

  async signIn(name: string): Promise<void> {
    this.forgetUsedDigits();
    const keys = ['--passphrase-file', this.file(`${name}.passphrase`), '--totp-secret-file', this.file(`${name}.totp`)];
    const authority = this.address.startsWith('https:') ? ['--authority', this.file('data/authority.pem')] : [];
    await this.run(name, 'sign-in', '--hub', this.address, '--name', name, ...keys, ...authority);
  }

  /** As if no digits had been used yet, so that nobody has to wait half a minute for the next. Whoever can write to the database can do this. */
  forgetUsedDigits(): void {
    this.sql('hub.sqlite', 'DELETE FROM used_code');
  }

  /** As if a quarter of an hour had gone by for every session: each has to be proved again. */
  growStale(): void {
    this.sql('hub.sqlite', 'UPDATE session SET fresh_ms = 0');
  }

  /** Changes a database in the data folder behind the hub's back; `values` are its numbers, in their order. */
  sql(database: string, statement: string, ...values: number[]): void {
    const change = "import json, sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], timeout=30)\ndb.execute(sys.argv[2], json.loads(sys.argv[3]))\ndb.commit()";
    execFileSync('python3', ['-c', change, join(this.file('data'), database), statement, JSON.stringify(values)]);
  }

  /** Adds an adult, and lets them in. */
  async addAdult(name: string): Promise<void> {
    await this.anna('person', 'add', name, '--born', '1984-03');
    await this.letIn(name);
  }

  /** Adds a teen in Anna's care, and lets them in. */
  async addTeen(name: string): Promise<void> {
    await this.anna('person', 'add', name, '--born', '2011-02', '--guardian', 'Anna');
    await this.letIn(name);
  }

  /** Another code for somebody, by Anna's command line, as from another screen of hers; `stop` leaves it there. */
  async newerCode(name: string): Promise<{ code: string; stop: () => Promise<void> }> {
    const inviting = this.begin('Anna', 'person', 'invite', name);
    const { code } = await inviting.says<{ code: string }>();
    const stop = async () => {
      await inviting.says();
      inviting.answer('n');
      await inviting.over.catch(() => undefined);
    };
    return { code, stop };
  }

  /** Lets somebody in by the command line at both ends: Anna's, and one on a computer of their own, which they leave then. */
  async letIn(name: string): Promise<void> {
    this.newPassphrase(name);
    const inviting = this.begin('Anna', 'person', 'invite', name);
    const { code } = await inviting.says<{ code: string }>();
    const keys = ['--passphrase-file', this.file(`${name}.passphrase`), '--recovery-kit', this.file(`${name}.kit`), '--totp-secret-file', this.file(`${name}.totp`)];
    const authority = this.address.startsWith('https:') ? ['--authority', this.file('data/authority.pem')] : [];
    const joining = this.begin(name, '--hub', this.address, 'join', '-', ...keys, ...authority);
    // The code, and no word to whether the numbers differ.
    joining.answer(code);
    // Both say their numbers.
    await Promise.all([joining.says(), inviting.says()]);
    inviting.answer('y');
    await Promise.all([inviting.over, joining.over]);
    await this.run(name, 'sign-out');
  }

  /** Adds a camera whose address is `url`; it goes in by standard input. */
  async addCamera(name: string, url: string): Promise<void> {
    const child = spawn(PROGRAM, ['--json', 'device', 'add', name, '--kind', 'camera', '--url', '-'], { env: this.surroundings('Anna'), stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.end(url);
    const code = await new Promise((done) => child.once('exit', done));
    if (code !== 0) throw new Error(`the camera ${name} was not added`);
  }

  /** A microphone where nobody but Anna speaks, and what she says there is kept. */
  async addAnnasMicrophone(name: string): Promise<void> {
    await this.anna('device', 'add', name, '--kind', 'microphone', '--person', 'Anna');
    await this.anna('consent', 'grant', 'Anna', 'history');
  }

  /** Says something through a microphone, in Porchlight's own voice. For a house with voice. */
  async say(sentence: string, device: string): Promise<Record<string, unknown>> {
    const file = this.file('said.wav');
    await this.anna('speak', sentence, '--rate', '16000', '--out', file);
    const [answer] = await this.anna('say', file, '--device', device);
    return answer!;
  }

  private strongboxes(): string[] {
    return this.options.mirror ? ['--strongbox', this.file('data.strongbox'), '--strongbox', this.file('mirror')] : [];
  }

  passphrase(name: string): string {
    return readFileSync(this.file(`${name}.passphrase`), 'utf8').trim();
  }

  totp(name: string): string {
    return readFileSync(this.file(`${name}.totp`), 'utf8').trim();
  }

  newPassphrase(name: string): void {
    writeFileSync(this.file(`${name}.passphrase`), `seven ${name} lanterns drift over the harbour\n`);
  }

  private surroundings(name: string): NodeJS.ProcessEnv {
    const { PORCHLIGHT_HUB: _hub, PORCHLIGHT_DATA: _data, PORCHLIGHT_LOG: _log, ...rest } = process.env;
    return { ...rest, PORCHLIGHT_PASSPHRASE_FILE: this.file(`${name}.passphrase`), XDG_STATE_HOME: this.file(`${name}.state`) };
  }
}

/** A film over RTSP on the loopback address, behind a password. */
export class StandInCamera {
  private constructor(
    private readonly server: ChildProcess,
    private readonly films: string,
    readonly url: string,
  ) {}

  static async start(...how: string[]): Promise<StandInCamera> {
    const films = mkdtempSync(join(tmpdir(), 'porchlight-films-'));
    const script = join(ROOT, 'tests/stand-in-camera/stand-in-camera.py');
    const words = ['--attached', '--size', '640x360', '--minutes', '5', '--port', '0', '--user', 'watcher', '--password', 'Quagga-7-Trombone', ...how];
    const server = spawn('/usr/bin/python3', [script, ...words], { env: { ...process.env, TMPDIR: films }, stdio: ['pipe', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: server.stdout })) {
      const port = /^rtsp:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port) return new StandInCamera(server, films, `rtsp://watcher:Quagga-7-Trombone@127.0.0.1:${port}/cam`);
    }
    throw new Error('the stand-in camera does not start');
  }

  close(): void {
    this.server.kill('SIGKILL');
    rmSync(this.films, { recursive: true, force: true });
  }
}

/** The six digits that an authenticator shows (RFC 6238), now or so many steps ahead. */
export function code(base32: string, ahead = 0): string {
  const bits = [...base32].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', secret).update(step).digest();
  const at = mac[19]! & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
