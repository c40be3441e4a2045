// Invitations by e-mail: a mail server reads them, a calendar understands them, the invited answer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import ICAL from 'ical.js';

import { login, rest } from '../support/rest.mjs';
import { readMail, SmtpServer } from '../support/smtp_server.mjs';
import { CODES, System, USER } from '../support/system.mjs';
import { until } from '../support/until.mjs';

const [FIRST, SECOND, THIRD, BARE] = CODES;
const HOUR_MS = 3_600_000;
const addressOf = (code) => `${code.toLowerCase()}@tinh.example`;

let system;
let smtp;
let cookie;
let schedule;
const start_ms = Math.ceil((Date.now() + 48 * HOUR_MS) / HOUR_MS) * HOUR_MS;
const plan = {
  title: 'Giao ban tuần UBND tỉnh: kinh tế – xã hội "quý IV"', sites: [FIRST, SECOND, THIRD, BARE],
  agenda: ['Báo cáo tháng 11', 'Kết luận, phân công'],
};

const call = (method, path, body) => rest(system.base, method, `/api/v1/${path}`, { cookie, body });
const invitations = async () => (await call('GET', `schedule/${schedule}/invitations`)).json.invitations;
const invitationOf = async (code) => (await invitations()).find(({ site }) => site === code);

/** The latest letter to the site. */
function letterTo(code) {
  const mail = readMail(smtp.to(addressOf(code)).at(-1).text);
  const [words, calendar] = mail.parts;
  const component = new ICAL.Component(ICAL.parse(calendar.text));
  return { ...mail, words: words.text, calendarType: calendar.type, calendar: component, event: new ICAL.Event(component.getFirstSubcomponent('vevent')) };
}

const linkOf = (code) => new URL(/https:\/\/\S+\/invitation\/\S+/.exec(letterTo(code).words)[0]);
const page = (method, path, options) => rest(system.base, method, path, options);

before(async () => {
  smtp = await SmtpServer.start();
  system = await System.start({ settings: { 'mail.url': smtp.url, 'mail.from': 'hop@tinh.example' } });
  cookie = await login(system.base, USER.name, USER.password);
  const contacts = [FIRST, SECOND, THIRD].map((site) => ({ site, email: addressOf(site) }));
  assert.equal((await call('PUT', 'contacts', { contacts })).status, 204);
  ({ schedule } = (await call('POST', 'schedule', { start_ms, minutes: 90, weekly: true, plan })).json);
});
after(async () => {
  await system?.stop();
  await smtp?.stop();
});

test('an address that could be a header or a list is refused', async () => {
  for (const email of ['a@b\r\nBcc: c@d', 'a@b,c@d', 'không', '<a@b>']) {
    const answer = await call('PUT', 'contacts', { contacts: [{ site: BARE, email }] });
    assert.equal(answer.status, 400);
    assert.equal(answer.json.field, 'contacts[0].email');
  }
  assert.equal((await call('GET', 'contacts')).json.contacts.length, 3);
});

test('every site with an address gets a letter that a person and a calendar can read', async () => {
  const sent = await call('POST', `schedule/${schedule}/invitations`);
  assert.deepEqual(sent.json, { queued: 3, without: 1 });
  await until('the letters are there', () => smtp.letters.length === 3);
  await until('and known to be', async () => (await invitations()).every(({ state }) => state === 'sent'));
  const { headers, words, calendarType, calendar, event } = letterTo(FIRST);
  assert.equal(headers.subject, `Mời họp: ${plan.title}`);
  assert.match(headers.from, /^Điểm Cầu <hop@tinh\.example>$/);
  assert.ok(Number.isFinite(Date.parse(headers.date)));
  assert.match(words, /Trân trọng kính mời/);
  assert.match(words, /1\. Báo cáo tháng 11\n/);
  assert.match(calendarType, /^text\/calendar; charset=UTF-8; method=REQUEST$/);
  assert.equal(calendar.getFirstPropertyValue('method'), 'REQUEST');
  assert.equal(event.summary, plan.title);
  assert.equal(event.startDate.toJSDate().getTime(), start_ms);
  assert.equal(event.duration.toSeconds(), 90 * 60);
  assert.equal(event.sequence, 0);
  assert.ok(event.isRecurring());
  assert.equal(event.attendees[0].getFirstValue(), `mailto:${addressOf(FIRST)}`);
  assert.equal(event.organizer, 'mailto:hop@tinh.example');
});

test('the link opens a plain page without a login, and names come back', async () => {
  const { pathname } = linkOf(FIRST);
  const shown = await page('GET', pathname);
  assert.equal(shown.status, 200);
  assert.match(shown.text, /Giao ban tuần UBND tỉnh: kinh tế – xã hội &quot;quý IV&quot;/);
  assert.doesNotMatch(shown.text, /<script/);
  assert.match(shown.headers['content-security-policy'], /default-src 'none'.*form-action 'self'/);
  const names = 'Nguyễn Văn A, Chủ tịch\n<img onerror=alert(1)>';
  const form = new URLSearchParams({ answer: 'accepted', names }).toString();
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(form) };
  const answered = await page('POST', pathname, { body: form, headers });
  assert.equal(answered.status, 200, answered.text);
  assert.match(answered.text, /Đã ghi nhận/);
  assert.doesNotMatch(answered.text, /<img/);
  const kept = await invitationOf(FIRST);
  assert.equal(kept.answer, 'accepted');
  assert.equal(kept.names, names);
  assert.ok(kept.answered_ms > 0);
});

test('nobody gets in with a link of his own making', async () => {
  const { pathname } = linkOf(FIRST);
  const [id, signature] = pathname.split('/').at(-1).split('.');
  const turned = signature.replace(/./g, (digit) => (digit === 'a' ? 'b' : 'a'));
  for (const token of [`${id}.${turned}`, `${Number(id) + 1}.${signature}`, id, `${id}.`, `${pathname.split('/').at(-1)}0`, '']) {
    assert.equal((await page('GET', `/invitation/${token}`)).status, 404, token);
  }
});

test('what is no answer is refused and nothing is kept', async () => {
  const { pathname } = linkOf(SECOND);
  for (const [type, body] of [
    ['application/x-www-form-urlencoded', 'answer=maybe&names='],
    ['application/x-www-form-urlencoded', 'answer=accepted'],
    ['application/x-www-form-urlencoded', `answer=accepted&names=${'x'.repeat(2_001)}`],
    ['application/x-www-form-urlencoded', 'answer=accepted&names=%ff%fe'],
    ['application/x-www-form-urlencoded', '%%%&&&===%zz'],
    ['application/json', '{"answer":"accepted","names":""}'],
  ]) {
    const answer = await page('POST', pathname, { body, headers: { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) } });
    assert.equal(answer.status, 400, body.slice(0, 40));
  }
  assert.equal((await invitationOf(SECOND)).answer, null);
});

test('a change goes out by itself under the same UID, and the site that is taken out is told so', async () => {
  const before = letterTo(FIRST).event.uid;
  const changed = { ...plan, sites: [FIRST, SECOND] };
  const count = smtp.letters.length;
  assert.equal((await call('PUT', `schedule/${schedule}`, { start_ms: start_ms + HOUR_MS, minutes: 60, weekly: true, plan: changed })).status, 200);
  await until('three letters', () => smtp.letters.length === count + 3);
  const { event, headers } = letterTo(FIRST);
  assert.equal(event.uid, before);
  assert.equal(event.sequence, 1);
  assert.equal(event.startDate.toJSDate().getTime(), start_ms + HOUR_MS);
  assert.match(headers.subject, /^Thay đổi phiên họp: /);
  const cancelled = letterTo(THIRD);
  assert.equal(cancelled.calendar.getFirstPropertyValue('method'), 'CANCEL');
  assert.equal(cancelled.event.uid, before);
  await until('that is known', async () => (await invitationOf(THIRD)).state === 'cancelled');
  assert.equal((await invitationOf(FIRST)).answer, 'accepted', 'the answer is not lost');
});

test('a mail server that says "later" is asked again, one that says "no" is not, and the server goes on meanwhile', { timeout: 30_000 }, async (t) => {
  let later = 1;
  smtp.refuse = (address) => {
    if (address === addressOf(SECOND)) {
      return '550 5.1.1 no such mailbox';
    }
    return later-- > 0 ? '451 4.3.0 try later' : undefined;
  };
  const count = smtp.to(addressOf(FIRST)).length;
  const startMs = performance.now();
  await call('POST', `schedule/${schedule}/invitations`);
  t.diagnostic(`answered after ${Math.round(performance.now() - startMs)} ms`);
  await until('the refusal is seen', async () => (await invitationOf(SECOND)).state === 'failed');
  assert.match((await invitationOf(SECOND)).detail, /550/);
  await until('the other came on the second try', () => smtp.to(addressOf(FIRST)).length === count + 1, { deadlineMs: 10_000 });
  await until('and is known to have', async () => (await invitationOf(FIRST)).state === 'sent');
  smtp.refuse = () => undefined;
});

test('a removed meeting is taken out of every calendar, and its links are dead', async () => {
  const { pathname } = linkOf(FIRST);
  assert.equal((await call('DELETE', `schedule/${schedule}`)).status, 204);
  await until('it is cancelled', () => letterTo(FIRST).calendar.getFirstPropertyValue('method') === 'CANCEL');
  assert.equal(letterTo(FIRST).event.sequence, 3);
  assert.equal((await page('GET', pathname)).status, 404);
});

test('without a mail server that is said, and nothing else breaks', async () => {
  const bare = await System.start();
  try {
    const { schedule: booked } = await bare.admin.request('schedule.set', { start_ms, minutes: 30, plan: { title: 'Họp', sites: [FIRST] } });
    await assert.rejects(bare.admin.request('invitation.send', { schedule: booked }), /mail\.url/);
  } finally {
    await bare.stop();
  }
});
