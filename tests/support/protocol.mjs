// What a page client and an administrator share: requests by id, events in order.
import { within } from './until.mjs';

export class Refusal extends Error {
  constructor(answer) {
    super(`${answer.code}${answer.field ? ` ${answer.field}` : ''}: ${answer.message}`);
    this.code = answer.code;
    this.field = answer.field;
    this.text = answer.message;
  }
}

/** Speaks signalling/PROTOCOL.md over whatever `write` sends; feed() takes what comes back. */
export class Conversation {
  constructor(write) {
    this.write = write;
    this.nextId = 1;
    this.waiting = new Map(); // id → {resolve, reject}
    this.events = []; // all that came, oldest first
    this.listeners = new Set();
  }

  /** The answer's fields; throws Refusal. */
  request(type, fields = {}, deadlineMs = 10_000) {
    const id = this.nextId++;
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.write(JSON.stringify({ type, id, ...fields }));
    return within(deadlineMs, `answer to ${type}`, answer).finally(() => this.waiting.delete(id));
  }

  /** The Refusal of a request that must fail. */
  async refused(type, fields) {
    try {
      await this.request(type, fields);
    } catch (error) {
      if (error instanceof Refusal) {
        return error;
      }
      throw error;
    }
    throw new Error(`${type} ${JSON.stringify(fields)} was not refused`);
  }

  feed(text) {
    const message = JSON.parse(text);
    const waiting = this.waiting.get(message.id);
    if (message.type === 'ok' && waiting) {
      waiting.resolve(message);
    } else if (message.type === 'error' && waiting) {
      waiting.reject(new Refusal(message));
    } else {
      this.events.push({ ...message, atMs: performance.now() });
      for (const listener of this.listeners) {
        listener(message);
      }
    }
  }

  fail(error) {
    for (const { reject } of this.waiting.values()) {
      reject(error);
    }
  }

  /** The first event, past (from `since` on) or future, that `matches`. */
  event(what, matches, { deadlineMs = 10_000, since = 0 } = {}) {
    const past = this.events.slice(since).find(matches);
    if (past) {
      return Promise.resolve(past);
    }
    let listener;
    const future = new Promise((resolve) => {
      listener = (message) => matches(message) && resolve(message);
      this.listeners.add(listener);
    });
    return within(deadlineMs, what, future).finally(() => this.listeners.delete(listener));
  }
}
