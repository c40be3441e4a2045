// The web door: what a browser, a script or an attacker may send to it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { cookieOf, login, raw, rest } from '../support/rest.mjs';
import { System, USER } from '../support/system.mjs';

let system;
let cookie;

before(async () => {
  system = await System.start();
  cookie = await login(system.base, USER.name, USER.password);
});
after(() => system?.stop());

const call = (method, path, options) => rest(system.base, method, path, options);

/** A whole request as bytes; the status of the answer, or 0 when the server just closed. */
async function statusOf(head, body = '') {
  const { text, closed } = await raw(system.host, system.port, `${head.join('\r\n')}\r\n\r\n${body}`, { quietMs: 500 })
    .catch(() => ({ text: '', closed: true }));
  const status = /^HTTP\/1\.1 (\d+)/.exec(text);
  assert.ok(status || closed, 'the server neither answers nor closes');
  return status ? Number(status[1]) : 0;
}

function isProblem(answer, status, field) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers['content-type'], /^application\/problem\+json/);
  assert.equal(answer.json.status, status);
  assert.equal(answer.json.type, 'about:blank');
  assert.ok(answer.json.title.length > 0);
  assert.equal(answer.json.field, field);
}

test('health is told to anybody', async () => {
  assert.equal((await call('GET', '/healthz')).status, 200);
});

test('the page comes with a strict content security policy', async () => {
  const page = await call('GET', '/');
  assert.equal(page.status, 200);
  const policy = page.headers['content-security-policy'];
  assert.match(policy, /default-src 'none'|default-src 'self'/);
  assert.doesNotMatch(policy, /script-src[^;]*unsafe-inline/);
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
});

describe('a session', () => {
  test('is needed for the directory', async () => {
    isProblem(await call('GET', '/api/v1/sites'), 401);
    isProblem(await call('GET', '/api/v1/meetings', { cookie: '__Host-sid=AAAA' }), 401);
  });

  test('shows the 207 sites', async () => {
    const { json } = await call('GET', '/api/v1/sites', { cookie });
    assert.equal(json.sites.length, 207);
    assert.ok(json.sites.some(({ name }) => name.includes('Cái Bè')));
  });

  test('has a cookie no script can read and no other site can send', async () => {
    const answer = await call('POST', '/api/v1/login', { body: USER });
    const [set] = answer.headers['set-cookie'];
    for (const word of ['__Host-sid=', 'HttpOnly', 'Secure', 'Path=/', 'SameSite=Strict']) {
      assert.ok(set.includes(word), `${word} in ${set.replace(/=[^;]+/, '=…')}`);
    }
  });

  test('ends with logout', async () => {
    const own = cookieOf(await call('POST', '/api/v1/login', { body: USER }));
    assert.equal((await call('GET', '/api/v1/session', { cookie: own })).status, 200);
    assert.equal((await call('POST', '/api/v1/logout', { cookie: own, body: {} })).status, 204);
    assert.equal((await call('GET', '/api/v1/session', { cookie: own })).status, 401);
  });
});

describe('a request that is wrong', () => {
  const opening = { title: 'Họp', sites: ['TG'] };
  test('in its content type is 415', async () => {
    isProblem(await call('POST', '/api/v1/meetings', { cookie, body: opening, headers: { 'Content-Type': 'text/plain' } }), 415);
  });

  test('in its JSON is 400', async () => {
    isProblem(await call('POST', '/api/v1/meetings', { cookie, body: '{"title":' }), 400);
  });

  test('in a field names the field', async () => {
    isProblem(await call('POST', '/api/v1/meetings', { cookie, body: { title: 'x', sites: ['TG', 7] } }), 400, 'sites[1]');
  });

  test('in its origin is 403', async () => {
    isProblem(await call('POST', '/api/v1/meetings', { cookie, body: opening, headers: { Origin: 'https://evil.example' } }), 403);
  });

  test('in its method is 405', async () => {
    isProblem(await call('DELETE', '/api/v1/meetings', { cookie }), 405);
  });

  test('in its path is 404', async () => {
    isProblem(await call('GET', '/api/v1/nothing', { cookie }), 404);
  });

  test('in its size is 413', async () => {
    const answer = await call('POST', '/api/v1/meetings', { cookie, body: { ...opening, x: 'y'.repeat(70_000) } });
    assert.equal(answer.status, 413); // told before the body is read, so by the library and without a body
  });

  test('and none has opened a meeting', async () => {
    assert.deepEqual((await call('GET', '/api/v1/meetings', { cookie })).json.meetings, []);
  });
});

describe('a length that lies', () => {
  const head = (length) => ['POST /api/v1/login HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...length];
  const cases = [
    ['huge', ['Content-Length: 99999999999999999999']],
    ['a terabyte', ['Content-Length: 1099511627776']],
    ['negative', ['Content-Length: -1']],
    ['no number', ['Content-Length: many']],
    ['missing', []],
    ['said twice', ['Content-Length: 2', 'Content-Length: 200']],
    ['said along with chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked']],
  ];
  for (const [what, length] of cases) {
    test(`(${what}) is refused`, async () => {
      const status = await statusOf(head(length), '{}');
      assert.ok(status === 0 || status === 501 || (status >= 400 && status < 500), `${status}`);
      assert.equal((await call('GET', '/healthz')).status, 200);
    });
  }
});

test('no path leads out of the page\'s folder', async () => {
  const paths = ['/../../../../etc/passwd', '/..%2f..%2f..%2f..%2fetc/passwd', '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..%2f..%2f..%2fconfig/diemcau.conf', '/..%5c..%5cetc/passwd', '/%00', '/.%00./etc/passwd', '//etc/passwd',
    '/assets/%252e%252e/%252e%252e/etc/passwd'];
  for (const path of paths) {
    const { text } = await raw(system.host, system.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.doesNotMatch(text, /root:|\[server\]/, path);
    assert.doesNotMatch(text, /^HTTP\/1\.1 5/, path);
  }
});

test('headers without end are cut off', async () => {
  const status = await statusOf(['GET / HTTP/1.1', 'Host: x', `X-Long: ${'y'.repeat(200_000)}`]);
  assert.ok(status === 0 || status === 431 || status === 400 || status === 413, `${status}`);
  assert.equal((await call('GET', '/healthz')).status, 200);
});

test('a meeting can be opened, seen and closed by a script', async () => {
  const opened = await call('POST', '/api/v1/meetings', { cookie, body: { title: 'Họp báo cáo', sites: ['TG', 'CB'] } });
  assert.equal(opened.status, 201, opened.text);
  const { location } = opened.headers;
  assert.match(location, /^\/api\/v1\/meetings\/\d+$/);
  const seen = await call('GET', location, { cookie });
  assert.equal(seen.status, 200);
  const meeting = seen.json.meeting ?? seen.json;
  assert.equal(meeting.title, 'Họp báo cáo');
  assert.deepEqual(meeting.seats.map(({ site, state, reason }) => [site, state, reason]),
    [['TG', 'missing', 'offline'], ['CB', 'missing', 'offline']]);
  assert.equal((await call('DELETE', location, { cookie })).status, 204);
  isProblem(await call('GET', location, { cookie }), 404);
});

test('a script leads a meeting: queue, floor, limit and roll', async () => {
  const { headers: { location } } = await call('POST', '/api/v1/meetings', { cookie, body: { title: 'Họp có điều hành', sites: ['TG', 'CB', 'MT'] } });
  const state = async () => (await call('GET', location, { cookie })).json;
  const [tg, cb, mt] = (await state()).seats.map(({ source }) => source);
  for (const [place, source] of [cb, tg, mt].entries()) {
    assert.deepEqual((await call('POST', `${location}/hands/${source}`, { cookie, body: {} })).json, { place: place + 1 });
  }
  assert.equal((await call('PUT', `${location}/hands/${mt}`, { cookie, body: { place: 1 } })).status, 204);
  assert.equal((await call('DELETE', `${location}/hands/${tg}`, { cookie })).status, 204);
  assert.equal((await call('PUT', `${location}/floor/limit`, { cookie, body: { speaking_limit_s: 120 } })).status, 204);
  assert.equal((await call('PUT', `${location}/floor`, { cookie, body: { source: cb } })).status, 204);
  assert.equal((await call('PUT', `${location}/roll/${tg}`, { cookie, body: { mark: 'absent', reason: 'đi công tác' } })).status, 204);
  const now = await state();
  assert.deepEqual([now.hands.map(({ source }) => source), now.floor, now.speaking_limit_s], [[mt], cb, 120]);
  assert.equal(now.seats[0].mark.reason, 'đi công tác');
  isProblem(await call('PUT', `${location}/floor/limit`, { cookie, body: { speaking_limit_s: 1 } }), 400, 'speaking_limit_s');
  isProblem(await call('PUT', `${location}/hands/${tg}`, { cookie, body: { place: 1 } }), 404, 'source');
  isProblem(await call('POST', `${location}/floor/next`, { body: {} }), 401);
  assert.equal((await call('DELETE', location, { cookie })).status, 204);
});

test('metrics are told to this machine', async () => {
  const { status, text } = await call('GET', '/metrics');
  assert.equal(status, 200);
  assert.match(text, /^# (HELP|TYPE) diemcau_/m);
});

test('the description of the interface is JSON', async () => {
  const { json } = await call('GET', '/api/v1/openapi.json');
  assert.match(json.openapi, /^3\./);
  assert.ok(json.paths['/meetings'] ?? json.paths['/api/v1/meetings']);
});

test('wrong passwords are slowed down with Retry-After, and the right one does not help then', async (t) => {
  const { name } = { name: 'nguoila' };
  await system.admin.request('user.add', { name, password: 'một mật khẩu dài', role: 'host' });
  let attempts = 0;
  let answer;
  do {
    answer = await call('POST', '/api/v1/login', { body: { name, password: `sai ${attempts++}` } });
    assert.ok([401, 429].includes(answer.status), answer.text);
  } while (answer.status === 401 && attempts < 50);
  assert.equal(answer.status, 429);
  assert.ok(Number(answer.headers['retry-after']) > 0);
  isProblem(await call('POST', '/api/v1/login', { body: { name, password: 'một mật khẩu dài' } }), 429);
  t.diagnostic(`refused from attempt ${attempts} on, Retry-After ${answer.headers['retry-after']} s`);
});

test('somebody who does not exist cannot be told from a wrong password', async () => {
  const own = await System.start({ sites: false });
  try {
    await own.admin.request('user.add', { name: 'co', password: 'một mật khẩu dài', role: 'host' });
    const known = await rest(own.base, 'POST', '/api/v1/login', { body: { name: 'co', password: 'sai sai sai' } });
    const unknown = await rest(own.base, 'POST', '/api/v1/login', { body: { name: 'khong', password: 'sai sai sai' } });
    assert.equal(known.status, 401);
    assert.deepEqual(known.json, unknown.json);
  } finally {
    await own.stop();
  }
});
