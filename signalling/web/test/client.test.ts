import { type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { backoffMs } from '../src/protocol/backoff';
import { ProtocolClient, SUBPROTOCOL, type SocketLike } from '../src/protocol/client';

type Message = Record<string, unknown>;

let server: WebSocketServer;
let sockets: WebSocket[];
let answer: (message: Message, socket: WebSocket) => void;
let client: ProtocolClient;

beforeEach(async () => {
  sockets = [];
  answer = () => undefined;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('message', (data) => answer(JSON.parse(String(data)) as Message, socket));
    socket.send(JSON.stringify({ type: 'welcome', version: '1', nonce: '', server: 'test' }));
  });
  client = new ProtocolClient({
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: (url, subprotocol) => new WebSocket(url, subprotocol) as unknown as SocketLike,
    random: () => 0,
    requestTimeoutMs: 300,
  });
});

afterEach(async () => {
  client.stop();
  sockets.forEach((socket) => socket.terminate());
  await new Promise((resolve) => server.close(resolve));
});

async function connected(): Promise<void> {
  client.start();
  await vi.waitFor(() => expect(client.status.phase).toBe('open'));
}

describe('the protocol client', () => {
  it('offers the subprotocol and is open only after welcome', async () => {
    client.start();
    expect(client.status.phase).toBe('connecting');
    await vi.waitFor(() => expect(client.status.phase).toBe('open'));
    expect(sockets[0]?.protocol).toBe(SUBPROTOCOL);
  });

  it('gives each answer to the request with its id, in whatever order they come', async () => {
    const held: Message[] = [];
    answer = (message, socket) => {
      held.push(message);
      if (held.length === 2) {
        for (const { id, meeting } of held.reverse()) {
          socket.send(JSON.stringify({ type: 'ok', id, source: meeting === 1 ? 1 : 2 }));
        }
      }
    };
    await connected();
    const [a, b] = await Promise.all([
      client.request('media.join', { meeting: 1, send: true }),
      client.request('media.join', { meeting: 2, send: true }),
    ]);
    expect([a.source, b.source]).toEqual([1, 2]);
  });

  it('rejects with the code, the field and the message of an error', async () => {
    answer = ({ id }, socket) =>
      socket.send(
        JSON.stringify({ type: 'error', id, code: 'bad_field', field: 'sites[3]', message: 'no' }),
      );
    await connected();
    await expect(
      client.request('seat.add', { meeting: 1, sites: ['X'] }),
    ).rejects.toMatchObject({ code: 'bad_field', field: 'sites[3]', message: 'no' });
  });

  it('does not let a field of the caller replace the envelope', async () => {
    let seen: Message = {};
    answer = (message, socket) => {
      seen = message;
      socket.send(JSON.stringify({ type: 'ok', id: message.id }));
    };
    await connected();
    const fields = { meeting: 1, type: 'meeting.close', id: 99 };
    await client.request('media.leave', fields);
    expect(seen.type).toBe('media.leave');
  });

  it('gives up on a request that is never answered', async () => {
    await connected();
    await expect(client.request('ping', {})).rejects.toMatchObject({ code: 'timeout' });
  });

  it('refuses a request at once while it is not connected', async () => {
    await expect(client.request('ping', {})).rejects.toMatchObject({ code: 'disconnected' });
  });

  it('hands events to their listeners until they unsubscribe, and survives nonsense', async () => {
    await connected();
    const closed: number[] = [];
    const off = client.on('meeting.closed', ({ meeting }) => closed.push(meeting));
    const voices = vi.fn();
    client.on('voices', voices);
    for (const text of ['{', '[]', '7', '{"type":3}', '{"type":"not-known"}']) {
      sockets[0]?.send(text);
    }
    sockets[0]?.send(JSON.stringify({ type: 'meeting.closed', meeting: 1 }));
    await vi.waitFor(() => expect(closed).toEqual([1]));
    off();
    sockets[0]?.send(JSON.stringify({ type: 'meeting.closed', meeting: 2 }));
    sockets[0]?.send(JSON.stringify({ type: 'voices', meeting: 2, voices: [] }));
    await vi.waitFor(() => expect(voices).toHaveBeenCalledTimes(1));
    expect(closed).toEqual([1]);
  });

  it('fails what is unanswered when the socket is lost, waits, and comes back by itself', async () => {
    await connected();
    const phases: string[] = [];
    client.onStatus(() => phases.push(client.status.phase));
    const unanswered = client.request('ping', {});
    sockets[0]?.terminate();
    await expect(unanswered).rejects.toMatchObject({ code: 'disconnected' });
    expect(client.status).toMatchObject({ phase: 'waiting', attempt: 1, closeCode: 1006 });
    await vi.waitFor(() => expect(client.status.phase).toBe('open'));
    expect(phases).toEqual(['waiting', 'connecting', 'open']);
    expect(sockets).toHaveLength(2);
  });

  it('tries at once when asked to', async () => {
    await connected();
    sockets[0]?.close(1013);
    await vi.waitFor(() => expect(client.status.phase).toBe('waiting'));
    client.retryNow();
    expect(client.status.phase).toBe('connecting');
    await vi.waitFor(() => expect(client.status.phase).toBe('open'));
  });

  it('stays away once stopped', async () => {
    await connected();
    client.stop();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(client.status.phase).toBe('stopped');
    expect(sockets).toHaveLength(1);
  });
});

describe('the wait before a new attempt', () => {
  it('grows, is jittered and never exceeds ten seconds', () => {
    expect(backoffMs(0, 0)).toBeLessThan(backoffMs(0, 0.99));
    expect(backoffMs(0, 0.5)).toBeLessThan(backoffMs(3, 0.5));
    expect(backoffMs(500, 1)).toBeLessThanOrEqual(10_000);
  });
});
