// An encoder publishes with WHIP and a player watches with WHEP, with genuine offers, against the real relay.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { login, rest } from '../support/rest.mjs';
import { RtcPeer, bearer } from '../support/rtc_peer.mjs';
import { System, USER } from '../support/system.mjs';
import { until } from '../support/until.mjs';

let system;
let cookie;
let meeting;
const peers = [];

before(async () => {
  system = await System.start();
  cookie = await login(system.base, USER.name, USER.password);
  ({ meeting } = await system.admin.request('meeting.open', { title: 'Có máy phát', sites: ['TG', 'CB'] }));
});
after(async () => {
  for (const peer of peers) {
    await peer.stop();
  }
  await system?.stop();
});

async function newPeer() {
  const peer = await RtcPeer.start(system);
  peers.push(peer);
  return peer;
}

async function newToken(role, fields = {}) {
  const { status, json, headers, text } = await rest(system.base, 'POST', `/api/v1/meetings/${meeting}/streams`, {
    cookie, body: { role, ...fields },
  });
  assert.equal(status, 201, text);
  assert.equal(headers.location, `/api/v1/meetings/${meeting}/streams/${json.stream}`);
  return json;
}

const call = (method, where, token, options = {}) => rest(system.base, method, where, { ...options, headers: { ...bearer(token), ...options.headers } });

function isProblem(answer, status, detail = /./) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers['content-type'], /^application\/problem\+json/);
  assert.match(answer.json.detail, detail);
}

const seatOf = async (name) => (await system.meeting(meeting)).seats.find((seat) => seat.name === name);

describe('an encoder', () => {
  let peer;
  let token;
  let location;

  test('gets an answer to its offer, connects, and has a seat of its own', { timeout: 60_000 }, async () => {
    ({ token } = await newToken('publish', { name: 'Xe truyền hình' }));
    peer = await newPeer();
    const answer = await peer.post(`/whip/${meeting}`, token);
    assert.equal(answer.status, 201, answer.text);
    assert.match(answer.headers['content-type'], /^application\/sdp/);
    assert.match(answer.text, /^v=0\r\n/);
    assert.match(answer.text, /a=ice-lite/);
    ({ location } = answer.headers);
    assert.match(location, new RegExp(`^/whip/${meeting}/\\d+$`));
    await peer.connect(answer.text);
    await until('the seat is joined', async () => (await seatOf('Xe truyền hình'))?.state === 'joined');
    const seat = await seatOf('Xe truyền hình');
    assert.deepEqual([seat.site, seat.stream], [null, true]);
  });

  test('is not there twice', async () => {
    const second = await newPeer();
    const answer = await second.post(`/whip/${meeting}`, token);
    isProblem(answer, 409);
    assert.ok(Number(answer.headers['retry-after']) > 0);
  });

  test('goes on while the server restarts, muted as it was', { timeout: 60_000 }, async () => {
    const { source } = await seatOf('Xe truyền hình');
    await system.admin.request('seat.mute', { meeting, source, muted: true });
    await system.server.stop();
    await system.startServer();
    await until('the seat is joined again', async () => (await seatOf('Xe truyền hình'))?.state === 'joined');
    assert.equal((await seatOf('Xe truyền hình')).muted, true);
    cookie = await login(system.base, USER.name, USER.password);
  });

  test('ends with DELETE, and its seat stays for the next time', { timeout: 30_000 }, async () => {
    isProblem(await call('DELETE', location), 401);
    assert.equal((await call('DELETE', location, token)).status, 200);
    assert.equal((await seatOf('Xe truyền hình')).state, 'missing');
    isProblem(await call('DELETE', location, token), 404);
    const again = await newPeer();
    const answer = await again.post(`/whip/${meeting}`, token);
    assert.equal(answer.status, 201, answer.text);
    await again.connect(answer.text);
    await until('the seat is joined', async () => (await seatOf('Xe truyền hình')).state === 'joined');
    assert.equal((await seatOf('Xe truyền hình')).muted, true, 'a muted one does not come back heard');
  });
});

describe('a player', () => {
  test('watches with a token of diemcau-ctl: picture and sound come', { timeout: 60_000 }, async () => {
    const { json } = await system.ctl(['token', 'whep', String(meeting), '--ttl', '600']);
    assert.match(json.url, new RegExp(`/whep/${meeting}$`));
    const peer = await newPeer();
    const answer = await peer.post(`/whep/${meeting}`, json.token);
    assert.equal(answer.status, 201, answer.text);
    await peer.connect(answer.text);
    await until('packets come', () => peer.counts.rtp > 50, { deadlineMs: 20_000 });
    assert.equal(peer.counts.rejected, 0);
    const seats = (await system.meeting(meeting)).seats.length;
    assert.equal((await call('DELETE', answer.headers.location, json.token)).status, 200);
    assert.equal((await system.meeting(meeting)).seats.length, seats, 'a player has no seat');
    await system.ctl(['token', 'revoke', String(meeting), String(json.stream)]);
    isProblem(await peer.post(`/whep/${meeting}`, json.token), 401);
  });
});

describe('a request that is wrong', () => {
  let publish;
  let watch;
  let peer;
  before(async () => {
    publish = (await newToken('publish')).token;
    watch = (await newToken('watch')).token;
    peer = await newPeer();
  });

  test('has no token, or none that is known', async () => {
    const none = await peer.post(`/whip/${meeting}`);
    isProblem(none, 401);
    assert.match(none.headers['www-authenticate'], /^Bearer /);
    isProblem(await peer.post(`/whip/${meeting}`, 'ABCD-EFGH'), 401, /unknown/);
  });

  test('has a token for something else', async () => {
    isProblem(await peer.post(`/whip/${meeting}`, watch), 403, /watching/);
    isProblem(await peer.post('/whip/4711', publish), 404, /meeting/);
  });

  test('is no SDP: the line is named', async () => {
    isProblem(await peer.post(`/whip/${meeting}`, publish, { sdp: 'hello\r\n' }), 400, /^line 1: /);
    isProblem(await peer.post(`/whip/${meeting}`, publish, { sdp: peer.offer.replace(/a=fingerprint[^\r]*\r\n/g, '') }), 400, /^line \d+: /);
    isProblem(await peer.post(`/whip/${meeting}`, publish, { sdp: '' }), 400, /^line 1: /);
    assert.equal(await seatOf('WHIP'), undefined, 'nobody has been here');
  });

  test('is of another type or too long', async () => {
    const type = await peer.post(`/whip/${meeting}`, publish, { headers: { 'Content-Type': 'application/json' } });
    isProblem(type, 415);
    assert.equal(type.headers['accept-post'], 'application/sdp');
    isProblem(await peer.post(`/whip/${meeting}`, publish, { sdp: 'a'.repeat(40_000) }), 413);
    isProblem(await peer.post(`/whip/${meeting}`, publish, { sdp: 'a'.repeat(70_000) }), 413);
  });

  test('has a method that is not there', async () => {
    for (const [method, where] of [['PATCH', `/whip/${meeting}/1`], ['PATCH', `/whep/${meeting}/1`], ['GET', `/whip/${meeting}`]]) {
      const answer = await call(method, where, publish, method === 'GET' ? {} : { body: 'a=x', headers: { 'Content-Type': 'application/trickle-ice-sdpfrag' } });
      isProblem(answer, 405);
      assert.match(answer.headers.allow, /OPTIONS/);
    }
  });

  test('and what is allowed is told to a page of any origin', async () => {
    const answer = await call('OPTIONS', `/whip/${meeting}`, undefined, { headers: { Origin: 'https://khac.vn' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['accept-post'], 'application/sdp');
    assert.equal(answer.headers['access-control-allow-origin'], '*');
  });
});

test('a meeting that closes ends its tokens', { timeout: 30_000 }, async () => {
  const { token } = await newToken('publish');
  await system.admin.request('meeting.close', { meeting });
  const peer = await newPeer();
  isProblem(await peer.post(`/whip/${meeting}`, token), 401);
});
