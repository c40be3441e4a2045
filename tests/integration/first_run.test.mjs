// The first run, the files a technician writes, and two of everything.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import dgram from 'node:dgram';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { run } from '../support/child.mjs';
import { CONFIG, SITES_CSV } from '../support/paths.mjs';
import { rest } from '../support/rest.mjs';
import { System, freeTcpPort, freeUdpPort } from '../support/system.mjs';

let system;

before(async () => {
  system = await System.start({ sites: false });
});
after(() => system?.stop());

const SETUP = /https:\/\/[^\s]+\/#\/setup\?token=[A-Za-z0-9_-]+/;

test('the first run prints one set-up link; it makes the first user once', async () => {
  const link = SETUP.exec(readFileSync(system.server.log, 'utf8'));
  assert.ok(link, 'a set-up link in what the server prints');
  const [, token] = /token=(.+)$/.exec(link[0]);
  const before = await rest(system.base, 'GET', '/api/v1/session');
  assert.equal(before.status, 401);
  assert.equal(before.json.setup, true);
  const body = { token, name: 'quantri', password: 'mật khẩu đầu tiên' };
  const wrong = await rest(system.base, 'POST', '/api/v1/setup', { body: { ...body, token: 'x'.repeat(43) } });
  assert.ok([401, 403].includes(wrong.status), wrong.text);
  const first = await rest(system.base, 'POST', '/api/v1/setup', { body });
  assert.equal(first.status, 200, first.text);
  assert.equal(first.json.user.role, 'admin');
  const second = await rest(system.base, 'POST', '/api/v1/setup', { body: { ...body, name: 'ketrom' } });
  assert.ok(second.status >= 400 && second.status < 500, second.text);
  const answer = await rest(system.base, 'GET', '/api/v1/session');
  assert.notEqual(answer.json.setup, true);
  assert.equal((await system.admin.refused('setup.link')).code, 'conflict');
});

test('keys and the database are for the server alone', () => {
  for (const folder of ['run', 'data']) {
    assert.equal(statSync(path.join(system.dir, folder)).mode & 0o077, 0, folder);
  }
});

describe('the directory', () => {
  const file = (name, text) => {
    const where = path.join(system.dir, name);
    writeFileSync(where, text);
    return where;
  };

  test('holds 207 sites after the import, and a second import changes nothing', async () => {
    const first = (await system.ctl(['sites', 'import', SITES_CSV])).json;
    assert.equal(first.added, 207);
    const second = (await system.ctl(['sites', 'import', SITES_CSV])).json;
    assert.deepEqual([second.added, second.changed, second.removed], [0, 0, 0]);
  });

  const head = 'code,name,tier,parent\n';
  const cases = [
    ['with a site without a tier', `${head}TW,Trung ương,central,\nTG,Tiền Giang,,TW\n`, 3, null],
    ['with a code twice', `${head}TW,Trung ương,central,\nTW,Lần nữa,central,\n`, 3, 1],
    ['with a parent that is not there', `${head}TW,Trung ương,central,\nTG,Tiền Giang,province,XX\n`, 3, null],
    ['with an open quote', `${head}TW,"Trung ương,central,\n`, 2, null],
    ['with a column too few', `${head}TW,Trung ương\n`, 2, null],
    ['with another head', 'ma,ten,cap,cha\n', 1, 1],
    ['with nothing but a line end', '\n', null, 1],
    ['with a circle of parents', `${head}A,Một,agency,B\nB,Hai,agency,A\n`, null, null],
  ];
  for (const [what, text, line, column] of cases) {
    test(`${what} is refused by file, line and column, and the old one stays`, async () => {
      const where = file('bad.csv', text);
      const { stderr, stdout } = await system.ctl(['sites', 'import', where], { fails: true });
      assert.match(`${stderr}${stdout}`, new RegExp(`bad\\.csv:${line ?? '\\d+'}:${column ?? '\\d+'}: `));
      assert.equal((await system.admin.request('site.list')).sites.length, 207);
    });
  }

  test('that is empty, or no text, is refused in one line, and the old one stays', async () => {
    const head = Buffer.from('code,name,tier,parent\nTW,');
    for (const text of ['', Buffer.concat([head, Buffer.from([0xff, 0xfe]), Buffer.from(',central,\n')])]) {
      const { stderr } = await system.ctl(['sites', 'import', file('bad.csv', text)], { fails: true });
      assert.match(stderr, /csv/);
      assert.equal(stderr.trim().split('\n').length, 1);
      assert.equal((await system.admin.request('site.list')).sites.length, 207);
    }
  });

  test('that does not exist is refused in one line', async () => {
    const { stderr } = await system.ctl(['sites', 'import', '/does/not/exist.csv'], { fails: true });
    assert.match(stderr, /exist\.csv/);
    assert.equal(stderr.trim().split('\n').length, 1);
  });
});

describe('a server that cannot start says why in one line and exits with an error', () => {
  /** The last line of a server that must not start. */
  const refusal = async (changes, { config = CONFIG } = {}) => {
    const own = { 'server.data_dir': `${system.dir}/other`, 'server.runtime_dir': `${system.dir}/other-run` };
    const args = system.serverArguments({ ...own, ...changes });
    args[1] = config;
    const { code, signal, stderr, stdout } = await run(system.program('server'), args, { timeoutMs: 10_000, env: system.env });
    assert.equal(signal, null, `it went on or crashed: ${stderr}`);
    assert.notEqual(code, 0);
    assert.doesNotMatch(stderr + stdout, /Sanitizer|assertion/i);
    return stderr.trim().split('\n').pop();
  };

  test('when the TCP port is taken', async (t) => {
    const port = await freeTcpPort();
    const other = net.createServer().listen(port);
    t.after(() => other.close());
    assert.match(await refusal({ 'server.port': port, 'media.port': await freeUdpPort() }), new RegExp(`${port}`));
  });

  test('when the UDP port is taken', async (t) => {
    const port = await freeUdpPort();
    const other = dgram.createSocket('udp6');
    t.after(() => other.close());
    await new Promise((resolve) => other.bind(port, resolve));
    assert.match(await refusal({ 'server.port': await freeTcpPort(), 'media.port': port }), new RegExp(`${port}`));
  });

  test('when another server has the runtime directory', async () => {
    const line = await refusal({
      'server.port': await freeTcpPort(), 'media.port': await freeUdpPort(), 'server.runtime_dir': system.runtime,
    });
    assert.ok(line.includes(system.runtime) || /already|another/i.test(line), line);
    assert.equal((await system.status()).relay.state, 'up', 'and the first server goes on');
  });

  test('when a setting is wrong', async () => {
    assert.match(await refusal({ 'media.port': 'many' }), /media\.port|port/);
    assert.match(await refusal({ 'server.prot': '1' }), /server\.prot/);
  });

  test('when the configuration file is broken: file, line and column', async () => {
    const config = path.join(system.dir, 'broken.conf');
    writeFileSync(config, '[server]\nport=8443\n\n[media]\nport = a lot\n');
    assert.match(await refusal({}, { config }), /broken\.conf:5:8: /);
    writeFileSync(config, '[server]\nport 8443\n');
    assert.match(await refusal({}, { config }), /broken\.conf:2:1: /);
  });

  test('when the layouts are broken: file, line and column', async () => {
    const layouts = path.join(system.dir, 'layouts.json');
    writeFileSync(layouts, '{"layouts": [\n  {"name": "1", }\n]}\n');
    const line = await refusal({
      'server.port': await freeTcpPort(), 'media.port': await freeUdpPort(), 'server.layouts_file': layouts,
    });
    assert.match(line, /layouts\.json:(2:| line 2, column )\d+/);
  });

  test('when a certificate is given without its key', async () => {
    assert.match(await refusal({ 'server.certificate_file': SITES_CSV }), /private_key_file/);
  });
});

describe('doctor', () => {
  const doctor = async (changes = {}) => {
    const config = path.join(system.dir, 'doctor.conf');
    const groups = {};
    for (const [key, value] of Object.entries({ ...system.settings, ...changes })) {
      const [group, name] = key.split('.');
      (groups[group] ??= []).push(`${name}=${value}`);
    }
    writeFileSync(config, Object.entries(groups).map(([group, lines]) => `[${group}]\n${lines.join('\n')}\n`).join('\n'));
    return run(system.program('ctl'), ['--config', config, 'doctor'], { env: system.env });
  };

  test('finds nothing wrong here and exits with 0', async () => {
    const result = await doctor();
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    assert.ok(result.stdout.trim().split('\n').length >= 6, 'one line for each check');
  });

  test('says what is wrong and what to do in one line each, and exits with 1', async (t) => {
    const other = net.createServer();
    t.after(() => other.close());
    await new Promise((resolve) => other.listen(0, resolve));
    const { port } = other.address();
    const { code, stdout } = await doctor({
      'server.web_root': '/nowhere', 'server.port': port, 'server.runtime_dir': `${system.dir}/nobody`,
    });
    assert.equal(code, 1, stdout);
    const wrong = stdout.split('\n').filter((line) => line.includes('!!'));
    assert.match(wrong.join('\n'), new RegExp(`${port}`));
    assert.match(wrong.join('\n'), /\/nowhere.*build the page/);
  });

  test('any other word says that no server is there, in one line', async () => {
    const result = await run(system.program('ctl'), ['--runtime', `${system.dir}/nobody`, 'status'], { env: system.env });
    assert.notEqual(result.code, 0);
    assert.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
  });
});
