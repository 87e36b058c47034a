// What stands between a browser and the hub, so that a test can bring the app a newer version of itself, as an updated hub would.

import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { House } from './house';

const NEWER = 'newer-';

export class Front {
  private newer = false;
  private readonly open = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly hub: URL,
    /** The names of the app's files that are named by what is in them. */
    private readonly names: RegExp,
  ) {}

  static async before(house: House): Promise<Front> {
    const worker = await (await fetch(`${house.address}/service-worker.js`)).text();
    const names = [...worker.matchAll(/\/assets\/([\w.-]+)/g)].map(([, name]) => name!.replaceAll('.', '\\.'));
    if (names.length === 0) throw new Error('the app is made of no files');
    const server = createServer();
    const front = new Front(server, new URL(house.address), new RegExp(`(?<![\\w-])(${names.join('|')})`, 'g'));
    server.on('connection', (socket) => {
      front.open.add(socket);
      socket.once('close', () => front.open.delete(socket));
    });
    server.on('request', (asked: IncomingMessage, answer: ServerResponse) => front.pass(asked, answer));
    await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
    return front;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on the hub has a newer app, all of whose files have other names. It starts again for that, so whatever was open ends. */
  update(): void {
    this.newer = true;
    this.hangUp();
  }

  close(): void {
    this.server.close();
    this.hangUp();
  }

  private hangUp(): void {
    for (const socket of this.open) socket.destroy();
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const path = asked.url ?? '/';
    if (this.newer && path.startsWith('/assets/') && path.search(this.names) >= 0) {
      answer.writeHead(404).end();
      return;
    }
    const { 'accept-encoding': _, 'if-none-match': __, ...headers } = asked.headers;
    const to = { host: this.hub.hostname, port: this.hub.port, method: asked.method, path: path.replace(NEWER, ''), headers: { ...headers, host: this.hub.host } };
    const passed = request(to, (got) => {
      const { 'content-length': ___, ...back } = got.headers;
      const words = /javascript|html|css/.test(got.headers['content-type'] ?? '');
      answer.writeHead(got.statusCode ?? 502, words ? back : got.headers);
      if (!words) return void got.pipe(answer);
      const parts: Buffer[] = [];
      got.on('data', (part: Buffer) => parts.push(part));
      got.on('end', () => {
        const text = Buffer.concat(parts).toString();
        answer.end(this.newer ? text.replaceAll(this.names, `${NEWER}$1`).replace(/VERSION="\w+"/, 'VERSION="newer"') : text);
      });
    });
    passed.on('error', () => answer.destroy());
    asked.on('error', () => passed.destroy());
    asked.pipe(passed);
  }
}
