// A page without a browser: logs in, opens the WebSocket, speaks the protocol.
import WebSocket from 'ws';

import { Conversation } from './protocol.mjs';
import { login } from './rest.mjs';
import { within } from './until.mjs';

export const SUBPROTOCOL = 'diemcau.v1';

/** A raw WebSocket: socket.closed is a promise of the close code, socket.texts all it received. */
export function openSocket(base, { cookie, origin, headers = {} } = {}) {
  const url = new URL('/ws', base);
  url.protocol = 'wss:';
  const socket = new WebSocket(url, SUBPROTOCOL, {
    rejectUnauthorized: false,
    perMessageDeflate: false,
    origin,
    headers: { ...(cookie ? { Cookie: cookie } : {}), ...headers },
  });
  socket.texts = [];
  socket.closed = new Promise((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  socket.on('message', (data) => socket.texts.push(String(data)));
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket));
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      reject(Object.assign(new Error(`refused: ${response.statusCode}`), {
        status: response.statusCode,
      }));
    });
    socket.on('error', reject);
  });
}

export class PageClient extends Conversation {
  /** Logs in unless `cookie` is given; a `guest` has none. */
  static async connect(base, { name, password, cookie, guest = false } = {}) {
    const session = guest ? undefined : (cookie ?? (await login(base, name, password)));
    const socket = await openSocket(base, { cookie: session, origin: new URL(base).origin });
    const client = new PageClient(socket, session);
    await client.event('welcome', (event) => event.type === 'welcome');
    return client;
  }

  constructor(socket, cookie) {
    super((text) => socket.send(text));
    this.socket = socket;
    this.cookie = cookie;
    for (const text of socket.texts) {
      this.feed(text);
    }
    socket.on('message', (data) => this.feed(String(data)));
    socket.on('close', (code) => this.fail(new Error(`the socket was closed: ${code}`)));
  }

  async meeting(id) {
    const { meetings } = await this.request('meeting.list');
    return meetings.find((meeting) => meeting.id === id);
  }

  async close() {
    this.socket.close();
    await within(5_000, 'the socket closes', this.socket.closed);
  }
}
