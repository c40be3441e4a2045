// Bad messages on the WebSocket: each is answered, nothing changes, and who goes on is closed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openSocket } from '../support/page_client.mjs';
import { login, raw } from '../support/rest.mjs';
import { System, USER } from '../support/system.mjs';
import { until, within } from '../support/until.mjs';

let system;
let cookie;

before(async () => {
  system = await System.start();
  cookie = await login(system.base, USER.name, USER.password);
  const { meeting } = await system.admin.request('meeting.open', { title: 'Đang họp', sites: ['TG'] });
  assert.equal(meeting, 1); // the messages below name it
});
after(() => system?.stop());

const connect = () => openSocket(system.base, { cookie, origin: system.base });

/** The first message a socket got that `matches`, or the close code if it closes instead. */
function answerOrClose(socket, matches) {
  return until('an answer or a close', () => {
    const found = socket.texts.map((text) => JSON.parse(text)).find(matches);
    return found ?? (socket.readyState === socket.CLOSED && { closed: true });
  }, { deadlineMs: 5_000, everyMs: 5 });
}

const isError = ({ type }) => type === 'error';

/** Sends raw texts on a fresh socket; the answers after the welcome, and the close code if it closes. */
async function say(...texts) {
  const socket = await connect();
  try {
    for (const text of texts) {
      socket.send(text);
    }
    socket.send('{"type":"ping","id":999}');
    const last = await answerOrClose(socket, ({ id }) => id === 999);
    const answers = socket.texts.map((text) => JSON.parse(text))
      .filter(({ type, id }) => (type === 'error' || type === 'ok') && id !== 999);
    return { answers, code: last.closed ? (await socket.closed).code : undefined };
  } finally {
    socket.terminate();
  }
}

const object = (fields) => JSON.stringify({ id: 7, ...fields });

describe('a message that is wrong gets an error that says where', () => {
  const cases = [
    ['is not JSON', '{"type":', 'bad_json'],
    ['is not an object', '[1,2,3]', 'bad_json'],
    ['is empty', '', 'bad_json'],
    ['has a key twice', '{"type":"ping","id":7,"id":8}', 'bad_json'],
    ['is nested deeper than 16', `{"type":"ping","id":7,"x":${'['.repeat(40)}${']'.repeat(40)}}`, 'bad_json'],
    ['is nested ten thousand deep', `{"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'bad_json'],
    ['has bytes that are not UTF-8 in an escape', '{"type":"\\ud800","id":7}', 'bad_json'],
    ['has a NUL in a text', '{"type":"meeting.open","id":7,"title":"a\\u0000b","sites":["TG"]}', null],
    ['has no type', '{"id":7}', 'bad_field', 'type'],
    ['has a type that is a number', '{"type":4,"id":7}', 'bad_field', 'type'],
    ['has a type nobody knows', object({ type: 'meeting.explode' }), 'unknown_type', 'type'],
    ['has a text as id', '{"type":"ping","id":"7"}', 'bad_field', 'id'],
    ['has a negative id', '{"type":"ping","id":-1}', 'bad_field', 'id'],
    ['has an id over 2^53', '{"type":"ping","id":9007199254740994}', 'bad_field', 'id'],
    ['has no title', object({ type: 'meeting.open', sites: ['TG'] }), 'bad_field', 'title'],
    ['has an empty title', object({ type: 'meeting.open', title: '', sites: ['TG'] }), 'bad_field', 'title'],
    ['has a title of 201 bytes', object({ type: 'meeting.open', title: 'x'.repeat(201), sites: ['TG'] }), 'bad_field', 'title'],
    ['has sites that are a text', object({ type: 'meeting.open', title: 'x', sites: 'TG' }), 'bad_field', 'sites'],
    ['has no sites at all', object({ type: 'meeting.open', title: 'x', sites: [] }), 'bad_field', 'sites'],
    ['has a number among the sites', object({ type: 'meeting.open', title: 'x', sites: ['TG', 'MT', 'CB', 5] }), 'bad_field', 'sites[3]'],
    ['has an unknown site', object({ type: 'meeting.open', title: 'x', sites: ['TG', 'NOWHERE'] }), 'not_found', 'sites[1]'],
    ['has an unknown layout', object({ type: 'meeting.open', title: 'x', sites: ['TG'], layout: '17x17' }), 'not_found', 'layout'],
    ['asks for a meeting that is not there', object({ type: 'meeting.close', meeting: 123456 }), 'not_found', 'meeting'],
    ['has a meeting that is a fraction', object({ type: 'meeting.close', meeting: 1.5 }), 'bad_field', 'meeting'],
    ['has muted as a text', object({ type: 'seat.mute', meeting: 1, source: 1, muted: 'yes' }), 'bad_field', 'muted'],
    ['comes from the wrong role', object({ type: 'media.renew', meeting: 1 }), null],
    ['tries to be a device with a session', object({ type: 'device.auth', key: '', signature: '', name: 'x', software: 'y' }), 'not_allowed', 'type'],
    ['adds a user without a password', object({ type: 'user.add', name: 'x', role: 'host' }), 'bad_field', 'password'],
    ['makes a token for an hour of a text', object({ type: 'token.new', site: 'TG', ttl_s: 'long' }), 'bad_field', 'ttl_s'],
    ['makes a token for a second', object({ type: 'token.new', site: 'TG', ttl_s: 1 }), 'bad_field', 'ttl_s'],
  ];
  for (const [what, text, code, field] of cases) {
    test(`a message that ${what}`, async () => {
      const { answers } = await say(text);
      assert.equal(answers.length, 1, `one answer, not ${JSON.stringify(answers)}`);
      assert.equal(answers[0].type, 'error');
      if (code) {
        assert.equal(answers[0].code, code, answers[0].message);
        assert.equal(answers[0].field, field);
      }
      assert.ok(answers[0].message.length > 5);
    });
  }

  test('and none of them has changed anything', async () => {
    const { meetings } = await system.admin.request('meeting.list');
    assert.deepEqual(meetings.map(({ id, title }) => [id, title]), [[1, 'Đang họp']]);
    assert.equal(meetings[0].seats[0].muted, false);
  });
});

test('the third refused message in a row closes the socket with 1008', async () => {
  const { answers, code } = await say('nonsense', 'nonsense', 'nonsense');
  assert.equal(code, 1008);
  assert.equal(answers.length, 3);
});

test('a good message between bad ones starts the count anew', async () => {
  const good = '{"type":"ping","id":1}';
  const { answers, code } = await say('nonsense', 'nonsense', good, 'nonsense', 'nonsense', good, 'nonsense');
  assert.equal(code, undefined);
  assert.equal(answers.filter(({ type }) => type === 'error').length, 5);
  assert.equal(answers.filter(({ type }) => type === 'ok').length, 2);
});

test('a message over 64 KiB closes the socket with 1009', async () => {
  const { code } = await say(`{"type":"ping","id":1,"x":"${'y'.repeat(64 * 1024)}"}`);
  assert.equal(code, 1009);
});

test('a message over 64 KiB in small fragments closes the socket with 1009', async () => {
  const socket = await connect();
  for (let i = 0; i < 70; i++) {
    socket.send('y'.repeat(1024), { fin: false });
  }
  const { code } = await within(5_000, 'the socket closes', socket.closed);
  assert.equal(code, 1009);
});

test('a message of just under 64 KiB is answered', async () => {
  const { answers, code } = await say(object({ type: 'ping', x: 'y'.repeat(64 * 1024 - 100) }));
  assert.equal(code, undefined);
  assert.equal(answers[0].type, 'ok');
});

test('a message in thousands of one-byte fragments is put together', async () => {
  const socket = await connect();
  const text = object({ type: 'ping', x: 'y'.repeat(4_000) });
  for (let i = 0; i < text.length; i++) {
    socket.send(text[i], { fin: i === text.length - 1 });
  }
  assert.equal((await answerOrClose(socket, ({ id }) => id === 7)).type, 'ok');
  socket.terminate();
});

test('a binary message is refused', async () => {
  const socket = await connect();
  socket.send(Buffer.from([0, 1, 2, 255]));
  const answer = await answerOrClose(socket, isError);
  assert.ok(isError(answer) || [1003, 1007, 1008].includes((await socket.closed).code));
  socket.terminate();
});

test('a text that is not UTF-8 is refused and the server lives', async () => {
  const socket = await connect();
  // A text frame with a lone continuation byte, masked with zeros.
  socket._socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x80, 0xff]));
  await answerOrClose(socket, isError);
  socket.terminate();
  assert.equal((await say('{"type":"ping","id":7}')).answers[0].type, 'ok');
});

test('a guest may ask for nothing but to become a device', async () => {
  const socket = await openSocket(system.base);
  socket.send(object({ type: 'page.watch' }));
  socket.send(object({ type: 'meeting.list', id: 8 }));
  for (const wanted of [7, 8]) {
    assert.equal((await answerOrClose(socket, ({ id }) => id === wanted)).code, 'not_allowed');
  }
  socket.terminate();
});

test('a device with a signature over something else is refused', async () => {
  const socket = await openSocket(system.base);
  socket.send(object({
    type: 'device.auth', key: Buffer.alloc(32, 5).toString('base64'),
    signature: Buffer.alloc(64, 5).toString('base64'), name: 'x', software: 'y',
  }));
  const answer = await answerOrClose(socket, ({ id }) => id === 7);
  assert.equal(answer.code, 'bad_credentials');
  socket.terminate();
});

test('a socket that does not say who it is is closed with 1008 after 5 s', async (t) => {
  const socket = await openSocket(system.base);
  const start = performance.now();
  const { code } = await within(8_000, 'the socket closes', socket.closed);
  assert.equal(code, 1008);
  t.diagnostic(`closed after ${Math.round(performance.now() - start)} ms`);
});

test('a page of another origin gets no WebSocket, cookie or not', async () => {
  for (const origin of ['https://evil.example', 'null', `http://${system.host}:${system.port}`]) {
    await assert.rejects(openSocket(system.base, { cookie, origin }), /refused: 403/, origin);
  }
});

describe('a bad session description', () => {
  const offer = (lines) => `${lines.join('\r\n')}\r\n`;
  const cases = [
    ['is no SDP', 'hello', 1],
    ['has a line without a type', offer(['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'nonsense']), 5],
    ['has a port over 65535', offer(['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'm=audio 99999999 UDP/TLS/RTP/SAVPF 111']), 5],
  ];
  for (const [what, sdp, line] of cases) {
    test(`that ${what} is refused with its line`, async () => {
      const page = await system.page();
      const { meeting } = await system.admin.request('meeting.open', { title: 'SDP', sites: ['TG'] });
      await page.request('media.join', { meeting, send: true });
      const invite = await page.event('invite', (event) => event.type === 'invite' && event.meeting === meeting);
      const refusal = await page.refused('media.offer', { meeting, peer: invite.peer, sdp });
      assert.equal(refusal.code, 'bad_sdp');
      assert.match(refusal.text, new RegExp(`^line ${line}:`));
      const again = await page.request('ping');
      assert.ok(again.time_ms > 0);
      await system.admin.request('meeting.close', { meeting });
      await page.close();
    });
  }
});

describe('the door', () => {
  test('negotiates http/1.1 and never h2', async () => {
    const { alpn } = await raw(system.host, system.port, 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', { alpn: ['h2', 'http/1.1'] });
    assert.equal(alpn, 'http/1.1');
    const only = await raw(system.host, system.port, 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', { alpn: ['h2'] }).catch((error) => error);
    assert.notEqual(only.alpn, 'h2');
  });

  test('does not upgrade to h2c', async () => {
    const { text } = await raw(system.host, system.port, [
      'GET /healthz HTTP/1.1\r\n', `Host: ${system.host}\r\n`, 'Connection: Upgrade, HTTP2-Settings\r\n',
      'Upgrade: h2c\r\n', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n',
    ].join(''));
    assert.doesNotMatch(text, /^HTTP\/1\.1 101/);
  });

  test('outlives an HTTP/2 preface and random bytes', async () => {
    await raw(system.host, system.port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n').catch(() => {});
    await raw(system.host, system.port, Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 131) % 256))).catch(() => {});
    assert.equal((await say('{"type":"ping","id":7}')).answers[0].type, 'ok');
  });
});
