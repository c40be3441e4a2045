// The same programs built with ASan and UBSan through a short life; a report of either fails it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { System, killHard, signal } from '../support/system.mjs';
import { until } from '../support/until.mjs';

test('open, join, mute, make big, lose a mixer, close: no sanitizer speaks', { timeout: 120_000 }, async (t) => {
  const system = await System.start({ preset: process.env.DIEMCAU_BUILD ?? 'asan' });
  try {
    const devices = await system.startDevices([{ records: true }, { isSilent: true }, {}]);
    const meeting = await system.openMeeting(devices, { layout: '2x2' });
    const page = await system.page();
    await page.request('page.watch');
    const [first, second] = (await system.meeting(meeting)).seats;
    await page.request('seat.mute', { meeting, source: first.source, muted: true });
    await page.request('seat.mute_all', { meeting, except: [second.source] });
    await page.request('meeting.spotlight', { meeting, source: second.source });
    await page.request('meeting.layout', { meeting, layout: '1+5' });
    await page.request('seat.remove', { meeting, source: first.source });
    await page.request('seat.add', { meeting, sites: [devices[0].code, 'TP'] });
    await system.joined(meeting, devices);
    await killHard((await system.mediaPids()).mixers[meeting]);
    await until('a new mixer is up', async () => (await system.meeting(meeting)).mixer === 'up', { deadlineMs: 20_000 });
    await system.joined(meeting, devices);
    await devices[1].child.stop();
    await until('the seat is lost', async () => (await system.seat(meeting, devices[1].code)).state !== 'joined', { deadlineMs: 30_000 });
    await page.request('meeting.close', { meeting });
    await until('the mixer ends', async () => Object.keys((await system.mediaPids()).mixers).length === 0);
    const refusal = await page.refused('meeting.close', { meeting });
    assert.equal(refusal.code, 'not_found');
    await page.close();
  } finally {
    await system.stop();
  }
  t.diagnostic('no report');
});

test('the server ends while a mixer still owes it an answer: no sanitizer speaks', { timeout: 60_000 }, async () => {
  const system = await System.start({ preset: process.env.DIEMCAU_BUILD ?? 'asan' });
  let pid;
  try {
    const { meeting } = await system.admin.request('meeting.open', { title: 'Họp', sites: ['TG', 'TG-SNN'] });
    await until('the mixer is up', async () => (await system.meeting(meeting)).mixer === 'up', { deadlineMs: 20_000 });
    pid = (await system.mediaPids()).mixers[meeting];
    signal(pid, 'SIGSTOP');
    await system.admin.request('meeting.layout', { meeting, layout: '1+5' });
    await new Promise((resolve) => setTimeout(resolve, 200)); // the program is on its way by now
    const { code } = await system.server.stop();
    assert.equal(code, 0, system.server.tail(20));
  } finally {
    if (pid) {
      signal(pid, 'SIGCONT');
    }
    await system.stop();
  }
});
