// A mail server that keeps what it is given (RFC 5321), and refuses when it is told to.
import net from 'node:net';
import { createInterface } from 'node:readline';

export class SmtpServer {
  /** `letters`: [{from, to, text}]. `refuse(address)` may return a whole answer such as '451 later', or nothing. */
  static async start() {
    const server = new SmtpServer();
    await new Promise((resolve) => server.net.listen(0, '127.0.0.1', resolve));
    return server;
  }

  constructor() {
    this.letters = [];
    this.refuse = () => undefined;
    this.net = net.createServer((socket) => this.#serve(socket));
  }

  get url() {
    return `smtp://127.0.0.1:${this.net.address().port}`;
  }

  to(address) {
    return this.letters.filter((letter) => letter.to.includes(address));
  }

  stop() {
    return new Promise((resolve) => this.net.close(resolve));
  }

  #serve(socket) {
    socket.on('error', () => {});
    const say = (line) => socket.write(`${line}\r\n`);
    let letter = { to: [] };
    let lines = null;
    say('220 test');
    createInterface({ input: socket }).on('line', (line) => {
      if (lines) {
        if (line === '.') {
          this.letters.push({ ...letter, text: `${lines.join('\r\n')}\r\n` });
          letter = { to: [] };
          lines = null;
          say('250 kept');
        } else {
          lines.push(line.replace(/^\./, ''));
        }
        return;
      }
      const address = /<(.*)>/.exec(line)?.[1];
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'DATA') {
        lines = [];
        say('354 go on');
      } else if (verb === 'QUIT') {
        say('221 bye');
        socket.end();
      } else if (verb === 'MAIL') {
        letter = { from: address, to: [] };
        say('250 ok');
      } else if (verb === 'RCPT') {
        const refusal = this.refuse(address);
        if (!refusal) {
          letter.to.push(address);
        }
        say(refusal ?? '250 ok');
      } else {
        say('250 ok');
      }
    });
  }
}

/** { headers, parts: [{type, text}] } of a multipart message whose parts are base64. */
export function readMail(text) {
  const [head, ...rest] = text.split('\r\n\r\n');
  const headers = headersOf(head);
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'])[1];
  const body = rest.join('\r\n\r\n');
  const parts = body.split(`--${boundary}`).slice(1, -1).map((part) => {
    const [partHead, ...content] = part.trimStart().split('\r\n\r\n');
    return { type: headersOf(partHead)['content-type'], text: Buffer.from(content.join(''), 'base64').toString('utf8') };
  });
  return { headers, parts };
}

function headersOf(text) {
  const lines = text.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())];
  }));
}

/** RFC 2047: blanks between encoded words are none. */
function decodeWords(value) {
  return value.replace(/\?=\s+=\?/g, '?==?').replace(/=\?UTF-8\?B\?([^?]*)\?=/g, (_, word) => Buffer.from(word, 'base64').toString('utf8'));
}
