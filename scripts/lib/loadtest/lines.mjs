// Requests and answers, one JSON object a line, over a UNIX socket: the server's admin socket and a fleet's commands.
import { EventEmitter } from 'node:events';
import net from 'node:net';
import { createInterface } from 'node:readline';

const ANSWER_MS = 20_000;

/** `verb` is the field that names a request: "type" for the server, "op" for a fleet. Emits events by name. */
export class Lines extends EventEmitter {
  static async connect(path, verb) {
    const socket = net.connect(path);
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new Lines(socket, verb);
  }

  constructor(socket, verb) {
    super();
    this.socket = socket;
    this.verb = verb;
    this.waiting = new Map();
    this.lastId = 0;
    socket.on('error', () => {});
    socket.on('close', () => this.#failAll(new Error('the connection was closed')));
    createInterface({ input: socket }).on('line', (line) => this.#take(JSON.parse(line)));
  }

  #take(message) {
    const waiting = this.waiting.get(message.id);
    if (waiting === undefined) {
      this.emit(message.event ?? message.type ?? 'unknown', message);
      return;
    }
    this.waiting.delete(message.id);
    clearTimeout(waiting.timer);
    const problem = message.type === 'error' ? message : message.error;
    if (problem !== undefined) {
      waiting.reject(new Error(`${waiting.name}: ${problem.code} ${problem.field ?? ''}: ${problem.message}`));
    } else {
      waiting.resolve(message.ok ?? message);
    }
  }

  #failAll(error) {
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.waiting.clear();
  }

  request(name, fields = {}) {
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error(`${name}: no answer in ${ANSWER_MS / 1000} s`));
      }, ANSWER_MS);
      this.waiting.set(id, { name, resolve, reject, timer });
      this.socket.write(`${JSON.stringify({ [this.verb]: name, id, ...fields })}\n`);
    });
  }

  close() {
    this.socket.destroy();
  }
}
