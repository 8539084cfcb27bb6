// The harness checked against a page small enough to know by heart: what it should do it does, what it should refuse it refuses.

import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openBrowser, Phone, profiles, startAkashi, visit } from './lib.mjs';
import { styleSheet } from './style_sheet.mjs';

const STATIC = new URL('../../portal/pages/static/', import.meta.url);
const POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const document = (body) => `<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>試し</title><link rel="icon" href="/static/mark.svg"><link rel="stylesheet" href="/static/tokens.css">
<link rel="stylesheet" href="/static/akashi.css"></head>
<body><a class="skip" href="#main">本文へ移動</a><main class="wrap main" id="main" tabindex="-1">${body}</main></body></html>`;

const pages = {
  '/form': document(`<h1>同意する</h1><form class="form" method="post" action="/done">
    <div class="field"><label class="field__label" for="memo">覚え書き</label><input class="input" id="memo" name="memo"></div>
    <div class="field"><label class="field__label" for="to">だれに</label><select class="select" id="to" name="to">
      <option>病院</option><option>薬局</option><option>市役所</option></select></div>
    <fieldset class="field"><legend class="field__label">何の情報を</legend><ul class="choices">
      <li><label class="choice"><input type="checkbox" name="what" value="rx"><span>処方</span></label></li>
      <li><label class="choice"><input type="checkbox" name="what" value="lab"><span>検査結果</span></label></li></ul></fieldset>
    <fieldset class="field"><legend class="field__label">何のために</legend><ul class="choices">
      <li><label class="choice"><input type="radio" name="why" value="treat" checked><span>診療</span></label></li>
      <li><label class="choice"><input type="radio" name="why" value="research"><span>研究</span></label></li></ul></fieldset>
    <div class="field"><label class="field__label" for="until">いつまで</label><input class="input" type="date" id="until" name="until"></div>
    <details class="fold"><summary>くわしく</summary><div class="fold__body"><a href="/form">もう一度</a></div></details>
    <div class="actions"><button class="button button--solid">記録する</button></div></form>`),
  '/states': document(`<h1>状態</h1><ul class="tags">${['permit', 'deny', 'ask', 'alert', 'emergency', 'consent', 'notice', 'withdrawn', 'expired']
    .map((state) => `<li><span class="status status--${state}"><svg class="icon" aria-hidden="true"><use href="/static/icons.svg#${state}"></use></svg>${state}</span></li>`)
    .join('')}</ul><p class="small">小さな字</p><div class="actions"><a class="button" href="/form">戻る</a><a class="button button--solid" href="/form">進む</a><a class="button button--danger" href="/form">やめる</a></div>`),
  '/unlabelled': document('<h1>名前のない入力欄</h1><input class="input" name="memo">'),
  '/tracked': document('<h1>よその画像</h1><img alt="" src="http://elsewhere.example/pixel.png">'),
  '/wide': document('<h1>広すぎる</h1><img alt="" width="2000" height="10" src="/static/mark.svg">'),
  '/styled': document('<h1 style="margin: 0">方針に反する</h1>'),
};

let url;
let server;
let browser;

before(async () => {
  server = createServer(serve).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${server.address().port}`;
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  server?.close();
});

for (const profile of profiles) {
  describe(profile.name, { timeout: 60_000 }, () => {
    test('fills in a form and sends it', async () => {
      const visitor = await visit(browser, url, profile);
      await visitor.open('/form');
      await visitor.check('self-check-form');
      await visitor.fill('覚え書き', 'よろしく');
      await visitor.choose('だれに', '市役所');
      await visitor.tick('検査結果');
      await visitor.tick('研究');
      await visitor.fill('いつまで', '2027-03-31');
      await visitor.unfold('くわしく');
      assert.ok(await visitor.page.getByRole('link', { name: 'もう一度' }).isVisible());
      await visitor.press('button', '記録する');
      assert.equal(
        await visitor.page.locator('main').innerText(),
        'memo=よろしく&to=市役所&what=lab&why=research&until=2027-03-31',
      );
      await visitor.close();
    });

    test('finds every state of the style sheet free of violations', async () => {
      const visitor = await visit(browser, url, profile);
      await visitor.open('/states');
      await visitor.check('self-check-states');
      await visitor.press('link', /^戻/);
      assert.equal(new URL(visitor.page.url()).pathname, '/form');
      await visitor.close();
    });

    for (const [fault, pathname, complaint] of [
      ['an accessibility violation', '/unlabelled', /label/],
      ['a request to another host', '/tracked', /elsewhere\.example|Content Security Policy/],
      ['a breach of the security policy', '/styled', /Content Security Policy/],
      ['sideways scrolling', '/wide', /px wide/],
    ]) {
      test(`notices ${fault}`, async () => {
        const visitor = await visit(browser, url, profile);
        await visitor.open(pathname);
        await assert.rejects(visitor.check('self-check-fault'), (error) => complaint.test(error.message + error.actual));
        visitor.complaints.length = 0;
        await visitor.close();
      });
    }
  });
}

test('a keyboard visitor says what she passed when there is no way', { timeout: 60_000 }, async () => {
  const visitor = await visit(browser, url, profiles.find((profile) => profile.keyboard));
  await visitor.open('/states');
  await assert.rejects(visitor.press('button', 'ないもの'), /no button ないもの can be reached by Tab; passed:[^]*link "進む"/);
  await visitor.close();
});

test('a request to another host is stopped even where the page would allow it', { timeout: 60_000 }, async () => {
  const visitor = await visit(browser, url, profiles[0]);
  await visitor.open('/tracked?lax');
  await assert.rejects(visitor.close(), (error) => error.actual.includes('request to another host: http://elsewhere.example/pixel.png'));
});

test('a phone reads and answers its messages', async () => {
  const phone = new Phone(url, '+81900000001');
  const [, code] = await phone.waitFor(/code (\d{6})/);
  await phone.reply(`no ${code}`);
  await phone.waitFor(/^heard: no 123456$/, { from: 1 });
});

test('a server that does not start is reported with its last words', async () => {
  await withProgram('echo "no such thing" >&2; exit 3', async () => {
    await assert.rejects(startAkashi(), /ended before it was ready \(exit 3\):\nno such thing/);
  });
});

test('a server that starts is handed over, and ended by its own process id', { timeout: 60_000 }, async () => {
  const program = `exec "${process.execPath}" -e '
    const [, , listen, , data] = process.argv.slice(1);
    require("fs").writeFileSync(data + "/demo.json", JSON.stringify({ pid: process.pid }));
    require("http").createServer((ask, answer) => answer.end()).listen(listen.split(":")[1], "127.0.0.1");' -- "$@"`;
  await withProgram(program, async () => {
    const akashi = await startAkashi();
    assert.ok(akashi.demo.pid > 0);
    await akashi.stop();
    assert.throws(() => process.kill(akashi.demo.pid, 0), { code: 'ESRCH' });
    await assert.rejects(readFile(path.join(akashi.data, 'demo.json')), { code: 'ENOENT' });
  });
});

/** Lets a shell script stand in for the binary while `body` runs. */
async function withProgram(script, body) {
  const folder = await mkdtemp(path.join(tmpdir(), 'akashi-stand-in-'));
  const program = path.join(folder, 'akashi');
  const before = process.env.AKASHI_BIN;
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  process.env.AKASHI_BIN = program;
  try {
    await body();
  } finally {
    if (before === undefined) delete process.env.AKASHI_BIN;
    else process.env.AKASHI_BIN = before;
    await rm(folder, { recursive: true });
  }
}

const messages = [{ text: 'your code 123456' }];

async function serve(request, response) {
  const { pathname, search } = new URL(request.url, 'http://127.0.0.1');
  const body = Buffer.concat(await request.toArray()).toString();
  if (search !== '?lax') response.setHeader('content-security-policy', POLICY);
  if (pathname.startsWith('/static/')) {
    const name = path.basename(pathname);
    response.setHeader('content-type', name.endsWith('.css') ? 'text/css' : 'image/svg+xml');
    response.end(name === 'akashi.css' ? await styleSheet() : await readFile(new URL(name, STATIC)));
  } else if (pathname === '/demo/phone/%2B81900000001/messages') {
    if (request.method === 'POST') messages.push({ text: `heard: ${JSON.parse(body).text}` });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(messages));
  } else {
    const page = pathname === '/done' ? document(decodeURIComponent(body)) : pages[pathname];
    response.statusCode = page ? 200 : 404;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(page);
  }
}
