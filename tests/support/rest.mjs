// HTTPS against a self-signed server: whole requests, and raw bytes for the malformed ones.
import https from 'node:https';
import tls from 'node:tls';

/** { status, headers, bytes, text, json } */
export function rest(base, method, path, { body, headers = {}, cookie, timeoutMs = 10_000 } = {}) {
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = https.request(
      base,
      {
        method,
        path,
        agent: false,
        rejectUnauthorized: false,
        timeout: timeoutMs,
        headers: {
          ...(payload === undefined ? {} : {
            'Content-Type': 'application/json',
            'Content-Length': Buffer.byteLength(payload),
          }),
          ...(cookie ? { Cookie: cookie } : {}),
          ...headers,
        },
      },
      (response) => {
        const parts = [];
        response.on('data', (data) => parts.push(data));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(parts);
          const text = bytes.toString();
          let json;
          try {
            json = JSON.parse(text);
          } catch {
            json = undefined;
          }
          resolve({ status: response.statusCode, headers: response.headers, bytes, text, json });
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer in ${timeoutMs} ms`)));
    request.on('error', reject);
    request.end(payload);
  });
}

/** The session cookie of a user, as a Cookie header. */
export async function login(base, name, password) {
  const answer = await rest(base, 'POST', '/api/v1/login', { body: { name, password } });
  if (answer.status !== 200) {
    throw new Error(`login of ${name}: ${answer.status} ${answer.text}`);
  }
  return cookieOf(answer);
}

export function cookieOf(answer) {
  const cookie = (answer.headers['set-cookie'] ?? []).find((text) => text.startsWith('__Host-sid='));
  return cookie?.split(';')[0];
}

/**
 * Sends bytes over TLS and reads until the server closes or `quietMs` pass without a byte:
 * { text, closed, alpn }. `chunks` are written one after another.
 */
export function raw(host, port, chunks, { alpn, quietMs = 1_000 } = {}) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host, port, rejectUnauthorized: false, ALPNProtocols: alpn,
    });
    let text = '';
    const finish = (closed) => {
      clearTimeout(timer);
      resolve({ text, closed, alpn: socket.alpnProtocol });
      socket.destroy();
    };
    let timer = setTimeout(() => finish(false), 5_000);
    socket.on('secureConnect', () => {
      for (const chunk of [chunks].flat()) {
        socket.write(chunk);
      }
    });
    socket.on('data', (data) => {
      text += data.toString('latin1');
      clearTimeout(timer);
      timer = setTimeout(() => finish(false), quietMs);
    });
    socket.on('close', () => finish(true));
    socket.on('error', (error) => (text === '' && !socket.authorizationError ? reject(error) : finish(true)));
  });
}
