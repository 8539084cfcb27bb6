// One citizen's way through the portal, in each of the three profiles: she enrols, gives a consent, narrows and withdraws it; then a
// citizen of the seeded town is asked by SMS, answers, and looks at who touched her data.

import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openBrowser, profiles, startAkashi, visit } from './lib.mjs';

/** The code an SMS carries: the only six digits in a row. */
const code = /(?<!\d)(\d{6})(?!\d)/;

let akashi;
let browser;
before(async () => {
  [akashi, browser] = await Promise.all([startAkashi(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await akashi?.stop();
});

for (const [turn, profile] of profiles.entries()) {
  describe(profile.name, () => {
    test('enrols, gives a consent, narrows it, withdraws it', async () => {
      const visitor = await visit(browser, akashi.url, profile);
      const { page } = visitor;
      const number = `09055500${turn}01`;
      const phone = akashi.phone(`+81${number.slice(1)}`);

      await visitor.open('/');
      await visitor.check('front-door');
      await visitor.press('link', '新規登録');
      await visitor.check('enrol-phone');
      await visitor.fill(/^携帯電話の番号/, number);
      await visitor.press('button', 'SMSで確認コードを受け取る');
      await visitor.check('enrol-code');
      await visitor.fill(/^SMSで届いた確認コード/, (await phone.waitFor(code))[1]);
      await visitor.press('button', '登録する');
      await visitor.check('enrol-papers');
      assert.match(await page.locator('#qid-text').innerText(), /^qid:[1-9A-HJ-NP-Za-km-z]{43,}$/);
      const recovery = await page.locator('#recovery-code').innerText();
      assert.match(recovery, /^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/);
      await visitor.press('link', '記録の鍵を表示する');
      await visitor.check('enrol-history-key');
      await visitor.press('link', '見終わったら戻る');
      await visitor.tick('番号と回復コードを、印刷または書き写しました');
      await visitor.press('button', '始める');
      await visitor.check('overview-new');

      await visitor.press('link', '新しく同意する');
      await visitor.check('consent-to-whom');
      await visitor.press('link', 'ひなた中央総合病院');
      await visitor.check('consent-from-where');
      await visitor.press('link', 'みどり薬局');
      await visitor.press('button', '確認へ進む');
      meant(visitor, 422);
      await visitor.check('consent-mistakes');
      await visitor.tick(/^お薬の記録/);
      await visitor.tick(/^アレルギー/);
      await visitor.fill(/^いつまで/, dayFromNow(200));
      await visitor.press('button', '確認へ進む');
      await visitor.check('consent-wording');
      await visitor.press('button', 'この内容に同意する');
      await visitor.check('consent-receipt');
      assert.match(await page.locator('main').innerText(), /記録しました[^]*同意したときに表示した文[^]*ログの位置/);

      await visitor.press('link', '同意');
      await visitor.check('consents');
      await visitor.press('link', /^減らす・取り消す/);
      await visitor.check('consent-narrow');
      await untick(visitor, 'アレルギー・副作用');
      await visitor.fill(/^新しい期限/, dayFromNow(100));
      await visitor.press('button', '確認へ進む');
      await visitor.check('consent-narrow-wording');
      await visitor.press('button', 'この内容に減らす');
      assert.match(await page.locator('main').innerText(), /同意の範囲を減らしました/);

      await visitor.press('link', '同意');
      await visitor.press('link', /^減らす・取り消す/);
      await visitor.press('link', '同意を取り消す');
      await visitor.check('consent-withdraw');
      await visitor.press('button', '同意を取り消す');
      await visitor.check('consent-withdrawn-receipt');
      await visitor.press('link', '同意');
      assert.match(await page.locator('main').innerText(), /今、有効な同意はありません/);

      await visitor.press('link', '利用の記録');
      assert.match(await page.locator('main').innerText(), /あなたの記録\d+件は、欠けなくそろっています/);
      await visitor.press('button', 'ログアウト');
      assert.equal(new URL(page.url()).pathname, '/');
      await visitor.close();
    });

    test('is asked by SMS, answers, sees who touched her data', async () => {
      const citizen = akashi.demo.citizens.filter(({ links }) => knownTo(links, 'city.') && knownTo(links, 'hospital.'))[turn];
      const phone = akashi.phone(citizen.phone);
      const visitor = await visit(browser, akashi.url, profile);
      const { page } = visitor;
      // Other data each time: the phone does not ring twice for the same.
      const approved = await askForPermission(citizen, ['care-level']);
      const refused = await askForPermission(citizen, ['admission', 'care-level']);
      const question = await phone.waitFor(/許可のお願いです|asks for your permission/, { from: 0 });
      assert.ok(question);

      let seen = (await phone.messages()).length;
      await visitor.open('/sign-in?lang=ja');
      await visitor.check('sign-in-phone');
      await visitor.fill(/^登録した携帯電話の番号/, citizen.phone.replace('+81', '0'));
      await visitor.press('button', 'SMSで確認コードを受け取る');
      await visitor.fill(/^SMSで届いた確認コード/, (await phone.waitFor(/ログインの確認コード[^]*?(?<!\d)(\d{6})(?!\d)/, { from: seen }))[1]);
      await visitor.press('button', 'ログイン');
      await visitor.check('overview-phone-only');

      await visitor.open(`/me/requests/${refused}`);
      await visitor.check('request-phone-only');
      await visitor.press('button', '断る');
      assert.match(await page.locator('main').innerText(), /この許可のお願いは終わっています[^]*断りました/);

      await visitor.open(`/me/requests/${approved}`);
      await visitor.press('link', '回復コードを入れる');
      await visitor.check('step-up');
      await visitor.fill(/^回復コード/, citizen.recovery_code);
      await visitor.press('button', '開く');
      await visitor.check('request');
      const reference = await page.locator('main .code').first().innerText();
      const messages = await phone.messages();
      const asking = messages.map(({ text }) => text).find((text) => text.includes(reference));
      assert.ok(asking, `no message with ${reference}`);
      assert.doesNotMatch(asking, /https?:|要介護|入院/);
      await visitor.fill(/^このお願いのSMSにある確認コード/, asking.match(code)[1]);
      await visitor.press('button', '見ることを許可する');
      await visitor.check('request-answered');
      assert.match(await page.locator('main').innerText(), /あなたが許可[^]*その後の判断/);

      await visitor.press('link', '利用の記録');
      await visitor.check('history');
      assert.match(await page.locator('main').innerText(), /あなたの記録\d+件は、欠けなくそろっています/);
      await visitor.unfold('機関・目的・期間で絞る');
      await visitor.choose('機関', 'ひなた市役所');
      await visitor.choose('目的', '福祉の相談・支援');
      await visitor.press('button', '絞り込む');
      await visitor.check('history-filtered');
      await visitor.open(`/me/history/${approved}`);
      await visitor.unfold('記録されているすべての項目');
      await visitor.check('record');
      const proof = await fetch(new URL(`/me/history/${approved}/proof`, akashi.url), { headers: { cookie: await cookies(page) } });
      assert.match(await proof.text(), new RegExp(`^c2sp\\.org/tlog-proof@v1\n[^]*\nindex ${approved}\n`));
      await visitor.press('link', '記録の控えを開く（印刷できます）');
      await visitor.check('receipt');

      for (const place of ['contacts', 'keys', 'counter-code', 'requests', 'links', 'block', 'unblock', 'stop', 'papers']) {
        await visitor.open(`/me/${place}`);
        await visitor.check(place);
      }
      await visitor.press('link', '参加している機関と問い合わせ先');
      await visitor.check('institutions');
      await visitor.press('link', 'ひなた市民監査会');
      await visitor.check('supervisor');
      assert.equal(await page.locator('a[href^="tel:"]').getAttribute('href'), 'tel:+81550001102');
      for (const place of ['/', '/help', '/audit', '/institutions', '/institutions/hospital.chuo', '/me', '/me/history', '/me/consents', '/nothing-here']) {
        await visitor.open(`${place}?lang=en`);
        if (place === '/nothing-here') meant(visitor, 404);
        await visitor.check(`english${place.replaceAll('/', '-')}`);
        assert.equal(await page.locator('html').getAttribute('lang'), 'en');
      }
      await visitor.close();
    });
  });
}

/** What a keyboard does to a ticked box; `tick` only ever ticks. */
async function untick(visitor, name) {
  const box = visitor.page.getByRole('checkbox', { name, exact: true });
  if (visitor.profile.keyboard) {
    await visitor.tick(name); // brings the focus there
    await visitor.page.keyboard.press('Space');
  } else {
    await box.uncheck();
  }
  assert.equal(await box.isChecked(), false);
}

/** Chromium calls every page with such a status an error; here it is what is meant. */
function meant(visitor, status) {
  const at = visitor.complaints.findIndex((complaint) => complaint.includes(`status of ${status} `));
  assert.notEqual(at, -1, `a page with status ${status}`);
  visitor.complaints.splice(at, 1);
}

/** The link code of the first institution whose identifier begins so. */
function knownTo(links, prefix) {
  return links.find(({ institution }) => institution.startsWith(prefix));
}

async function cookies(page) {
  const all = await page.context().cookies();
  return all.map(({ name, value }) => `${name}=${value}`).join('; ');
}

/** `YYYY-MM-DD`, so many days from now. */
function dayFromNow(days) {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** The city office wants a closer look at one person; returns the log index of its question. */
async function askForPermission(citizen, categories) {
  const { demo, url } = akashi;
  const officer = demo.role_holders.find(({ institution, roles }) => institution.startsWith('city.') && roles.some((role) => (role.role ?? role) === 'welfare-officer'));
  const city = demo.institutions.find(({ id }) => id === officer.institution);
  const link = knownTo(citizen.links, city.id);
  const holder = knownTo(citizen.links, 'hospital.').institution;
  const claims = {
    iss: city.id, aud: demo.origin, iat: Math.floor(Date.now() / 1000), jti: randomBytes(16).toString('base64url'),
    subject: link.code, role_holder: officer.id, role: 'welfare-officer', process: 'city.drill-down', purpose: 'welfare-support',
    holder, categories, basis: { kind: 'consent' }, request_digest: randomBytes(32).toString('base64url'),
  };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg: 'Ed25519', kid: city.kid, typ: 'akashi-access+jws' })}.${part(claims)}`;
  const key = createPrivateKey({ key: city.jwk, format: 'jwk' });
  const statement = `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
  const answer = await fetch(new URL('/v1/accesses', url), {
    method: 'POST',
    headers: { 'content-type': 'application/jose', 'akashi-request-nonce': randomBytes(16).toString('base64url') },
    body: statement,
  });
  const decision = await answer.json();
  assert.equal(decision.decision, 'ask', JSON.stringify(decision));
  return decision.index;
}
