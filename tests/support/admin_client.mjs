// An administrator on the server's UNIX socket: what diemcau-ctl says, without a process for each word.
import net from 'node:net';
import { createInterface } from 'node:readline';

import { Conversation } from './protocol.mjs';

export class AdminClient extends Conversation {
  static async connect(path) {
    const socket = net.connect(path);
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new AdminClient(socket);
  }

  constructor(socket) {
    super((text) => socket.write(`${text}\n`));
    this.socket = socket;
    this.isOpen = true;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isOpen = false;
      this.fail(new Error('the server closed its socket'));
    });
    createInterface({ input: socket }).on('line', (line) => this.feed(line));
  }

  close() {
    this.socket.destroy();
  }
}
