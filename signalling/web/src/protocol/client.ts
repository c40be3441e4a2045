import { backoffMs } from './backoff';
import { ProtocolError } from './error';
import type {
  ErrorCode,
  EventName,
  Events,
  FieldsOf,
  ReplyOf,
  RequestName,
} from './types';

export const SUBPROTOCOL = 'diemcau.v1';

const REQUEST_TIMEOUT_MS = 15_000;
const PING_EVERY_MS = 10_000;
const PING_TIMEOUT_MS = 8_000;
const WELCOME_TIMEOUT_MS = 8_000;

export type ConnectionStatus =
  | { phase: 'stopped' }
  | { phase: 'connecting'; attempt: number }
  | { phase: 'open' }
  /** `retryAt` is on the clock of `Date.now()`; `closeCode` is why the last socket ended. */
  | { phase: 'waiting'; attempt: number; retryAt: number; closeCode: number };

/** The part of the browser's WebSocket that the client uses; tests pass another one. */
export interface SocketLike {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface ClientOptions {
  url: string;
  open?: (url: string, subprotocol: string) => SocketLike;
  random?: () => number;
  requestTimeoutMs?: number;
}

interface Pending {
  resolve: (reply: never) => void;
  reject: (error: ProtocolError) => void;
  timer: ReturnType<typeof setTimeout>;
}

type Handler = (event: never) => void;

/**
 * The one WebSocket of the page. It connects for ever until stopped, matches answers to requests by
 * `id`, and hands events to whoever asked for them. It is "open" once the server said `welcome`.
 * Requests made while it is not open fail at once with `disconnected`: the caller knows best
 * whether an act is still wanted later.
 */
export class ProtocolClient {
  private readonly options: Required<ClientOptions>;
  private socket: SocketLike | null = null;
  private nextId = 1;
  private attempt = 0;
  private current: ConnectionStatus = { phase: 'stopped' };
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private welcomeTimer: ReturnType<typeof setTimeout> | undefined;
  private pingTimer: ReturnType<typeof setInterval> | undefined;
  private readonly pending = new Map<number, Pending>();
  private readonly handlers = new Map<string, Set<Handler>>();
  private readonly listeners = new Set<() => void>();

  constructor(options: ClientOptions) {
    this.options = {
      open: (url, subprotocol) => new WebSocket(url, subprotocol) as unknown as SocketLike,
      random: Math.random,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      ...options,
    };
  }

  get status(): ConnectionStatus {
    return this.current;
  }

  /** Calls `listener` after every change of `status`. */
  onStatus(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  on<E extends EventName>(name: E, handler: (event: Events[E]) => void): () => void {
    const set = this.handlers.get(name) ?? new Set<Handler>();
    this.handlers.set(name, set);
    set.add(handler as Handler);
    return () => set.delete(handler as Handler);
  }

  start(): void {
    if (this.current.phase === 'stopped') {
      this.attempt = 0;
      this.connect();
    }
  }

  stop(): void {
    clearTimeout(this.retryTimer);
    this.dropSocket(1000);
    this.setStatus({ phase: 'stopped' });
  }

  /** Skips the rest of the wait, e.g. because the user asked or the network came back. */
  retryNow(): void {
    if (this.current.phase === 'waiting') {
      clearTimeout(this.retryTimer);
      this.connect();
    }
  }

  request<T extends RequestName>(
    type: T,
    fields: FieldsOf<T>,
    timeoutMs = this.options.requestTimeoutMs,
  ): Promise<ReplyOf<T>> {
    const socket = this.socket;
    if (!socket || this.current.phase !== 'open') {
      return Promise.reject(new ProtocolError('disconnected', 'not connected'));
    }
    const id = this.nextId++;
    return new Promise<ReplyOf<T>>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(new ProtocolError('timeout', `no answer to ${type}`));
      }, timeoutMs);
      this.pending.set(id, { resolve: resolve as Pending['resolve'], reject, timer });
      socket.send(JSON.stringify({ ...fields, type, id }));
    });
  }

  private connect(): void {
    this.setStatus({ phase: 'connecting', attempt: this.attempt });
    const socket = this.options.open(this.options.url, SUBPROTOCOL);
    this.socket = socket;
    socket.onmessage = (event) => this.onMessage(event.data);
    socket.onclose = (event) => this.onClosed(event.code);
    socket.onerror = () => undefined;
    this.welcomeTimer = setTimeout(() => this.abandon(), WELCOME_TIMEOUT_MS);
  }

  private onMessage(data: unknown): void {
    const message = parseObject(data);
    if (!message || typeof message.type !== 'string') {
      return;
    }
    if (typeof message.id === 'number') {
      this.onAnswer(message.id, message);
      return;
    }
    if (message.type === 'welcome') {
      this.onWelcome();
    }
    for (const handler of this.handlers.get(message.type) ?? []) {
      handler(message as never);
    }
  }

  private onWelcome(): void {
    clearTimeout(this.welcomeTimer);
    this.attempt = 0;
    clearInterval(this.pingTimer);
    this.pingTimer = setInterval(() => this.ping(), PING_EVERY_MS);
    this.setStatus({ phase: 'open' });
  }

  private onAnswer(id: number, message: Record<string, unknown>): void {
    const pending = this.pending.get(id);
    if (!pending) {
      return;
    }
    this.pending.delete(id);
    clearTimeout(pending.timer);
    if (message.type === 'ok') {
      pending.resolve(message as never);
    } else {
      const field = typeof message.field === 'string' ? message.field : undefined;
      pending.reject(
        new ProtocolError(message.code as ErrorCode, String(message.message ?? ''), field),
      );
    }
  }

  /** A browser does not show WebSocket pings, so a dead link is noticed by asking. */
  private ping(): void {
    this.request('ping', {}, PING_TIMEOUT_MS).catch((error: ProtocolError) => {
      if (error.code === 'timeout') {
        this.abandon();
      }
    });
  }

  /** Gives the socket up without waiting for the closing handshake of a peer that may be gone. */
  private abandon(): void {
    this.onClosed(1006);
  }

  private onClosed(closeCode: number): void {
    this.dropSocket();
    const delay = backoffMs(this.attempt, this.options.random());
    this.attempt += 1;
    this.retryTimer = setTimeout(() => this.connect(), delay);
    this.setStatus({
      phase: 'waiting',
      attempt: this.attempt,
      retryAt: Date.now() + delay,
      closeCode,
    });
  }

  private dropSocket(code?: number): void {
    clearTimeout(this.welcomeTimer);
    clearInterval(this.pingTimer);
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close(code);
    }
    const unanswered = [...this.pending.values()];
    this.pending.clear();
    for (const pending of unanswered) {
      clearTimeout(pending.timer);
      pending.reject(new ProtocolError('disconnected', 'the connection was lost'));
    }
  }

  private setStatus(status: ConnectionStatus): void {
    this.current = status;
    for (const listener of [...this.listeners]) {
      listener();
    }
  }
}

function parseObject(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string') {
    return null;
  }
  try {
    const value: unknown = JSON.parse(data);
    return value && typeof value === 'object' ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
